/**
 * The webhook pages, statement by statement in their order: what the emulator posts, and what the verifier and the endpoint of
 * core make of it, over HTTP.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  isAnalyticsEvent,
  isWebhookEvent,
  VortexError,
  type VortexEvent,
  VortexWebhookSignatureError,
  VortexWebhooks,
  WEBHOOK_EVENT_TYPES,
  type WebhookMountOptions,
} from '@vortex/core';
import { bodyFromKept, createWebhookEndpoint } from '@vortex/core/adapter';
import { signWebhook } from '@vortex/core/testing';
import { DEFAULT_WEBHOOK_SECRET } from '@vortex/emulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, invite, start, TEAM } from './helpers.js';

const SECRET = DEFAULT_WEBHOOK_SECRET;
const verifier = new VortexWebhooks({ secret: SECRET });

/** Starts an application that receives webhooks, and notes the events that its handlers get. */
async function startApplication(options: Partial<WebhookMountOptions<undefined>> = {}) {
  const handled: VortexEvent[] = [];
  const receive = createWebhookEndpoint<undefined>({
    secret: SECRET,
    onEvent: (event) => handled.push(event),
    onAnalyticsEvent: (event) => handled.push(event),
    ...options,
  });
  const server = createServer(async (request, response) => {
    const { status, headers, body } = await receive({
      method: request.method ?? '',
      header: (name) => request.headers[name] as string | undefined,
      body: async () => bodyFromKept(Buffer.concat(await request.toArray())),
      log: () => {},
      context: undefined,
    });
    response.writeHead(status, headers).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  const post = async (body: string, signature?: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'x-vortex-signature': signature ?? (await signWebhook(body, SECRET)) },
      body,
    });
    return { status: response.status, answer: await response.json() };
  };
  return { url, handled, post };
}

/** An emulator that posts to the application. */
const startFor = ({ url }: { url: string }) => start({ webhookUrl: url, webhookRetryDelays: [] });

describe('verification', () => {
  const body = JSON.stringify({ id: 'e', type: 'invitation.accepted', timestamp: '2026-02-25T12:00:00Z', data: {} });

  it('the signature is the lower-case hexadecimal HMAC-SHA256 of the raw body, and nothing else', async () => {
    const signature = await signWebhook(body, SECRET);
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
    expect(await verifier.verifySignature(body, signature)).toBe(true);
    for (const other of [
      '',
      signature.toUpperCase(),
      `sha256=${signature}`,
      ` ${signature}`,
      `${signature},${signature}`,
    ]) {
      expect(await verifier.verifySignature(body, other)).toBe(false);
    }
  });

  it('the signature of a body does not fit the same JSON in other bytes', async () => {
    const signature = await signWebhook(body, SECRET);
    expect(await verifier.verifySignature(body, signature)).toBe(true);
    for (const other of [`${body}\n`, `\uFEFF${body}`, JSON.stringify(JSON.parse(body), null, 1)]) {
      expect(await verifier.verifySignature(other, signature)).toBe(false);
    }
  });

  it('a wrong signature rejects with VortexWebhookSignatureError, and is answered with 401', async () => {
    const { post, handled } = await startApplication();
    await expect(verifier.constructEvent(body, 'f'.repeat(64))).rejects.toThrow(VortexWebhookSignatureError);
    expect((await post(body, 'f'.repeat(64))).status).toBe(401);
    expect(handled).toEqual([]);
  });

  it('a signed body that is not JSON rejects with a VortexError, and is answered with 400', async () => {
    const { post, handled } = await startApplication();
    const constructing = verifier.constructEvent('not JSON', await signWebhook('not JSON', SECRET));
    const error = await constructing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(VortexError);
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
    expect(await post('not JSON')).toMatchObject({ status: 400, answer: { code: 'INVALID_REQUEST' } });
    expect(handled).toEqual([]);
  });
});

describe('events', () => {
  it('an event with the four documented fields is handled', async () => {
    const { post, handled } = await startApplication();
    const event = { id: 'e', type: 'invitation.accepted', timestamp: '2026-02-25T12:00:00Z', data: {} };
    expect(await post(JSON.stringify(event))).toEqual({ status: 200, answer: { received: true } });
    expect(handled).toEqual([event]);
  });

  it('an event of the emulator has the eight fields of the SDKs', async () => {
    const application = await startApplication();
    const emulator = await startFor(application);
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await emulator.settled();
    const fields = ['id', 'type', 'timestamp', 'accountId', 'environmentId', 'sourceTable', 'operation', 'data'];
    expect(application.handled.map((event) => Object.keys(event).sort())).toEqual([fields.sort()]);
  });

  it('data has invitationId and targetEmail, the first e-mail address of the invitation', async () => {
    const application = await startApplication();
    const emulator = await startFor(application);
    const { id } = await invite(emulator);
    const { id: byPhone } = await invite(emulator, { target: { type: 'phone', value: '+49 30 1234' } });
    await call(emulator, 'POST /api/v1/invitations/accept', {
      invitationIds: [id],
      user: { email: 'grace@example.com' },
    });
    await emulator.settled();
    for (const { data } of emulator.deliveries.map(({ event }) => event)) {
      if (data.invitationId === byPhone) expect(data).not.toHaveProperty('targetEmail');
      else expect(data).toMatchObject({ invitationId: id, targetEmail: 'grace@example.com' });
    }
    const types = application.handled.filter(isWebhookEvent).map(({ type }) => type);
    expect(types).toContain('group.member.added');
  });

  it.each(WEBHOOK_EVENT_TYPES)('the emulator sends %s for an invitation, and its handler gets it', async (type) => {
    const typed: string[] = [];
    const application = await startApplication({ on: { [type]: (event: VortexEvent) => typed.push(event.id) } });
    const emulator = await startFor(application);
    const { id } = await invite(emulator, { groups: [TEAM] });
    await emulator.settled();
    application.handled.length = 0;
    typed.length = 0;
    const [before] = emulator.invitations;
    emulator.announce(type, id, { plan: 'pro' });
    await emulator.settled();
    expect(application.handled).toMatchObject([
      { type, data: { invitationId: id, targetEmail: 'grace@example.com', scope: 'team-1', plan: 'pro' } },
    ]);
    expect(typed).toEqual(application.handled.map((event) => event.id));
    expect(emulator.invitations).toEqual([before]);
  });

  it('group.member.added names the scope and the new member', async () => {
    const application = await startApplication();
    const emulator = await startFor(application);
    const { id } = await invite(emulator);
    emulator.announce('group.member.added', id);
    await emulator.settled();
    expect(emulator.deliveries.at(-1)?.event).toMatchObject({
      operation: 'insert',
      data: { scope: 'team-1', scopeType: 'team', scopeName: 'Engineering', user: { email: 'grace@example.com' } },
    });
    expect(() => emulator.announce('group.member.added', 'unknown')).toThrow('unknown');
  });

  it('an event of a type that is not known yet goes to onEvent', async () => {
    const { post, handled } = await startApplication();
    const event = { id: 'e', type: 'invitation.teleported', timestamp: '2026-02-25T12:00:00Z', data: {} };
    expect((await post(JSON.stringify(event))).status).toBe(200);
    expect(handled).toEqual([event]);
  });

  it('an event with type and without name is a webhook event, one with name is an analytics event', async () => {
    const { post, handled } = await startApplication();
    const events = [
      { id: 'e-1', type: 'member.created', data: { name: 'Grace' } },
      { id: 'e-2', name: 'widget_loaded' },
      { id: 'e-3', name: null, type: 'member.created' },
    ];
    for (const event of events) await post(JSON.stringify(event));
    expect(handled.map((event) => [isWebhookEvent(event), isAnalyticsEvent(event)])).toEqual([
      [true, false],
      [false, true],
      [false, true],
    ]);
  });

  it('an event that is neither is answered with 200, and no handler gets it', async () => {
    const { post, handled } = await startApplication();
    expect((await post('{"id":"e"}')).status).toBe(200);
    expect(handled).toEqual([]);
  });
});

describe('redeliveries', () => {
  const byContent: WebhookMountOptions<undefined>['key'] = (event) =>
    isWebhookEvent(event) ? `${event.type} ${String(event.data.invitationId)} ${event.timestamp}` : event.id;

  /** Sends a creation, and once more. */
  const sendTwice = async (
    options: Parameters<Awaited<ReturnType<typeof start>>['redeliver']>[1],
    key?: WebhookMountOptions<undefined>['key'],
  ) => {
    const application = await startApplication({ key });
    const emulator = await startFor(application);
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await emulator.settled();
    emulator.redeliver(emulator.deliveries[0]?.id ?? '', options);
    await emulator.settled();
    expect(emulator.deliveries.every(({ status }) => status === 'delivered')).toBe(true);
    const ids = new Set(emulator.deliveries.map(({ event }) => event.id));
    return { handled: application.handled, ids };
  };

  it('a redelivery with the same id is handled once by default', async () => {
    const { handled, ids } = await sendTwice({});
    expect([handled.length, ids.size]).toEqual([1, 1]);
  });

  it('a redelivery with a new id is handled again by default', async () => {
    const { handled, ids } = await sendTwice({ newId: true });
    expect([handled.length, ids.size]).toEqual([2, 2]);
  });

  it('a redelivery with a new id is handled once if key returns the type, the invitation and the timestamp', async () => {
    const { handled, ids } = await sendTwice({ newId: true }, byContent);
    expect([handled.length, ids.size]).toEqual([1, 2]);
  });

  it('a redelivery with a new id is handled once if key returns long text', async () => {
    const { handled } = await sendTwice({ newId: true }, (event) => `${byContent?.(event)} ${'x'.repeat(1000)}`);
    expect(handled).toHaveLength(1);
  });

  it('two events of the same invitation are both handled with such a key', async () => {
    const application = await startApplication({ key: byContent });
    const emulator = await startFor(application);
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await call(emulator, `DELETE /api/v1/invitations/${id}`);
    await emulator.settled();
    expect(application.handled).toHaveLength(2);
  });
});
