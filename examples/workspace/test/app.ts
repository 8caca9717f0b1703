import { type StartOptions, start } from '../server/start.js';

export type App = Awaited<ReturnType<typeof start>>;

/** Starts the whole application on a free port. By default, its data is in memory. */
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
