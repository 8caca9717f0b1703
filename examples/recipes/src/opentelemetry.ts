import { metrics, trace } from '@opentelemetry/api';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { findAccount, userOf } from './accounts.js';
import { isAdminOf } from './teams.js';

const meter = metrics.getMeter('vortex');
const durations = meter.createHistogram('vortex.request.duration', { unit: 's' });
const upstreamAttempts = meter.createCounter('vortex.upstream.attempts');

export const app: express.Express = express();

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands in for your session
      return account ? userOf(account) : null;
    },
    authorizeOperation: { JWT: ({ context }, { id }) => isAdminOf(context, id), GET_INVITATIONS: (op) => op.self },
    onResponse: ({ operation, code, duration, hookDuration, upstreamDuration, attempts }) => {
      const attributes = { 'vortex.operation': operation, 'vortex.code': code };
      durations.record(duration / 1000, attributes);
      upstreamAttempts.add(attempts, attributes);
      trace.getActiveSpan()?.setAttributes({
        ...attributes,
        'vortex.hooks_ms': hookDuration,
        'vortex.upstream_ms': upstreamDuration,
      });
    },
    traceparent: 'off', // the instrumentation of undici in telemetry.ts sends this header
  }),
);
