import type { ServerSettings } from '@vortex/conformance/application';
import { createApp } from './app.ts';

let app: ReturnType<typeof createApp> | undefined;

export default {
  fetch(request: Request, env: { SETTINGS: ServerSettings }) {
    app ??= createApp(env.SETTINGS);
    return app.fetch(request, env);
  },
};
