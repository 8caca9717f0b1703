import type { Express } from 'express';
import { onTestFinished } from 'vitest';
import { listen } from './server.ts';

/** Serves an application until the test has ended, and returns its origin. */
export async function serve(app: Express): Promise<string> {
  const server = await listen(app);
  onTestFinished(server.close);
  return server.url;
}
