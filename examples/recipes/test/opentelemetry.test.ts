/** Tests the recipe with the real OpenTelemetry SDK and its in-memory exporters. */

import { createRequire } from 'node:module';
import { SpanKind } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { startTelemetry } from '../src/telemetry.ts';
import { json, type Running, serve } from './helpers.ts';

const spans = new InMemorySpanExporter();
const figures = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: figures });
let running: Running;

beforeAll(async () => {
  const stop = startTelemetry([new SimpleSpanProcessor(spans)], [reader]);
  // Vitest loads `node:http` in a way that the instrumentation does not see, so load it again with `require`.
  createRequire(import.meta.url)('node:http');
  running = await serve(() => import('../src/opentelemetry.ts').then(({ app }) => app));
  return async () => {
    await running.close();
    await stop();
  };
});
beforeEach(() => spans.reset());

const address = 'ada@example.com';
const asking = { headers: { 'x-user': 'u-1' } };

async function served(path: string, init: RequestInit): Promise<ReadableSpan[]> {
  await (await fetch(`${running.url}/api/vortex${path}`, init)).text();
  return spans.getFinishedSpans();
}

const find = (among: ReadableSpan[], kind: SpanKind, path: string) =>
  among.find((span) => span.kind === kind && span.attributes['url.path'] === path);

test('one trace spans the caller, the route and the Vortex API, and has the durations of the route', async () => {
  const query = new URLSearchParams({ targetType: 'email', targetValue: address });
  const found = await served(`/invitations?${query}`, asking);

  const route = find(found, SpanKind.SERVER, '/api/vortex/invitations');
  const call = find(found, SpanKind.CLIENT, '/api/v1/invitations');
  // The emulator runs in this process, so its spans are recorded too.
  const api = find(found, SpanKind.SERVER, '/api/v1/invitations');
  const parents = [call, api].map((span) => span?.parentSpanContext?.spanId);
  expect(parents).toEqual([route, call].map((span) => span?.spanContext().spanId));
  expect(new Set(found.map((span) => span.spanContext().traceId)).size).toBe(1);

  expect(route?.attributes).toMatchObject({
    'vortex.operation': 'GET_INVITATIONS',
    'vortex.code': 'OK',
    'vortex.hooks_ms': expect.any(Number),
    'vortex.upstream_ms': expect.any(Number),
  });
  expect(decodeURIComponent(JSON.stringify(found.map(({ attributes }) => attributes)))).not.toContain(address);
});

test('the span of a refused request has the error code', async () => {
  const found = await served('/jwt', { method: 'POST' });
  expect(find(found, SpanKind.SERVER, '/api/vortex/jwt')?.attributes).toMatchObject({
    'vortex.operation': 'JWT',
    'vortex.code': 'UNAUTHENTICATED',
    'http.response.status_code': 401,
  });
});

test('the metrics count durations and API calls by operation and code', async () => {
  const { headers, ...body } = json({ context: { scopeType: 'team', scope: 'harbor' } });
  await served('/jwt', { ...body, headers: { ...headers, ...asking.headers } });
  await reader.forceFlush();
  const metrics = figures
    .getMetrics()
    .at(-1)
    ?.scopeMetrics.find(({ scope }) => scope.name === 'vortex')?.metrics;
  const of = (name: string) => metrics?.find(({ descriptor }) => descriptor.name === name)?.dataPoints;

  const jwt = { 'vortex.operation': 'JWT', 'vortex.code': 'OK' };
  const list = { 'vortex.operation': 'GET_INVITATIONS', 'vortex.code': 'OK' };
  expect(of('vortex.request.duration')).toContainEqual(
    expect.objectContaining({ attributes: jwt, value: expect.objectContaining({ count: 1 }) }),
  );
  expect(of('vortex.upstream.attempts')).toContainEqual(expect.objectContaining({ attributes: jwt, value: 0 }));
  expect(of('vortex.upstream.attempts')).toContainEqual(expect.objectContaining({ attributes: list, value: 1 }));
});
