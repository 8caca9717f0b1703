import { readFileSync } from 'node:fs';
import { type Flags, HELP, readFlags, readSettings, type Settings } from './arguments.js';
import { runDoctor } from './doctor-command.js';
import { startWatched } from './emulator.js';
import type { Emulator } from './index.js';
import { linesOf } from './terminal.js';
import { UsageError } from './usage.js';

try {
  await main();
} catch (error) {
  const usage = error instanceof UsageError;
  console.error(`vortex-emulator: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = usage ? 2 : 1;
}

async function main(): Promise<void> {
  const [command, ...args] = process.argv.slice(2);
  if (command === 'doctor') {
    process.exitCode = await runDoctor(args);
    return;
  }
  const flags = readFlags(process.argv.slice(2));
  if (flags.help) return console.log(HELP);
  if (flags.version) return console.log(version());

  const { options, faults, distance } = readSettings(flags, process.env);
  const { emulator, clock, listen } = await start(options);
  for (const { route, fault } of faults) emulator.fault(route, fault);
  if (distance !== 0) clock.advance(distance);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(emulator));
  console.log(greeting(emulator, flags));
  if (flags.quiet) return;
  listen((happening) => {
    for (const line of linesOf(happening, emulator.url)) console.log(line);
  });
}

async function start(options: Settings['options']) {
  try {
    return await startWatched(options);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`port ${options.port} is already in use; choose another one with --port.`);
    }
    throw error;
  }
}

async function stop(emulator: Emulator): Promise<void> {
  try {
    await emulator.close();
  } catch (error) {
    console.error(`vortex-emulator: ${String(error)}`);
    process.exitCode = 1;
  }
}

function greeting(emulator: Emulator, flags: Flags): string {
  // A secret from the environment may be a real one. Do not print it: terminals are shared and recorded.
  const secret = (name: string, flag: string | undefined, value: string) =>
    flag === undefined && process.env[name] ? `# ${name}: keep the value from your environment` : `${name}=${value}`;
  return `Vortex emulator ${version()}: open ${emulator.url} to see what happens.

Set this in the environment of your application, or in a .env file that does not have your real key:

${secret('VORTEX_API_KEY', flags['api-key'], emulator.apiKey)}
VORTEX_API_BASE_URL=${emulator.url}
${secret('VORTEX_WEBHOOK_SECRET', flags['webhook-secret'], emulator.webhookSecret)}

${flags['landing-url'] ? `Links of invitations lead to ${flags['landing-url']}.` : 'Links of invitations lead to a page of the emulator. To lead them to your application, set --landing-url.'}
${flags['webhook-url'] ? `Webhooks are posted to ${flags['webhook-url']}.` : 'No webhooks are sent. To send them, set --webhook-url.'}
Press Ctrl+C to stop.`;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
