import { type StartOptions, start } from '../server/start.js';

export type App = Awaited<ReturnType<typeof start>>;

/** The whole application on a free port, with nothing that outlives it unless told otherwise. */
export function startApp(options: Partial<StartOptions> = {}): Promise<App> {
  return start({
    port: 0,
    server: 'express',
    database: undefined,
    apiKey: undefined,
    webhookSecret: undefined,
    ...options,
  });
}
