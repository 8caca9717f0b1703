/** Starts OpenTelemetry. Call it before Express is imported, from a file that `node --import` loads, with your exporters. */
import { metrics } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { MeterProvider, type MetricReader } from '@opentelemetry/sdk-metrics';
import { NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

export function startTelemetry(spanProcessors: SpanProcessor[], readers: MetricReader[]): () => Promise<void> {
  const traces = new NodeTracerProvider({ spanProcessors });
  traces.register();
  const meters = new MeterProvider({ readers });
  metrics.setGlobalMeterProvider(meters);
  registerInstrumentations({
    instrumentations: [
      // The query holds the addresses of invited people. They must not appear in a trace.
      new HttpInstrumentation({ redactedQueryParamsServer: ['targetValue'] }),
      new UndiciInstrumentation({
        startSpanHook: ({ origin, path }) => {
          const { href, pathname } = new URL(path.replace(/\?.*$/u, ''), origin);
          return { 'url.full': href, 'url.path': pathname, 'url.query': '' };
        },
      }),
    ],
  });
  return async () => {
    await traces.shutdown();
    await meters.shutdown();
  };
}
