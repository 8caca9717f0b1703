/** The inside of a program that `startProgram` runs on any runtime. */
import type { ServerSettings } from '../application.js';

/** Starts a server with the settings from the environment and prints its URL. It runs until the process is killed. */
export async function runProgram(start: (settings: ServerSettings) => Promise<{ url: string }>): Promise<void> {
  const { url } = await start(JSON.parse(process.env.CONFORMANCE_SETTINGS ?? '{}'));
  console.log(`listening on ${url}`);
}
