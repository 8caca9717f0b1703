import type { ServerSettings } from '@vortex/conformance/application';
import type { ExecutionContext } from 'hono';
import { createApp } from './app.ts';

let app: ReturnType<typeof createApp> | undefined;

export default {
  fetch(request: Request, env: { SETTINGS: ServerSettings }, context: ExecutionContext) {
    app ??= createApp(env.SETTINGS);
    return app.fetch(request, env, context);
  },
};
