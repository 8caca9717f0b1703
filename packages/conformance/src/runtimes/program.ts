/** The inside of a program that `startProgram` runs, on whatever runtime. */
import type { ServerSettings } from '../application.js';

/** Serves with the settings from the environment and says where, until the process is ended. */
export async function runProgram(start: (settings: ServerSettings) => Promise<{ url: string }>): Promise<void> {
  const { url } = await start(JSON.parse(process.env.CONFORMANCE_SETTINGS ?? '{}'));
  console.log(`listening on ${url}`);
}
