import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runDoctor } from './doctor-command.js';
import { startWatched } from './emulator.js';
import { readClock, readDuration, readFault } from './flags.js';
import type { Emulator, EmulatorOptions, ListenOptions } from './index.js';
import { settle } from './options.js';
import { linesOf } from './terminal.js';
import { type Flag, linesOfFlags, UsageError } from './usage.js';

const FLAGS = {
  port: {
    type: 'string',
    default: '8787',
    value: 'number',
    about: 'port to listen on; 0 picks a free port (default: 8787)',
  },
  host: { type: 'string', value: 'address', about: 'address to listen on (default: 127.0.0.1, this machine only)' },
  'api-key': {
    type: 'string',
    value: 'key',
    about: 'API key that clients must send (default: VORTEX_API_KEY, otherwise a fixed key)',
  },
  'webhook-url': { type: 'string', value: 'url', about: 'URL to post webhooks to (default: none, no webhooks)' },
  'webhook-secret': {
    type: 'string',
    value: 'text',
    about: 'secret to sign webhooks with (default: VORTEX_WEBHOOK_SECRET, otherwise a fixed secret)',
  },
  'landing-url': {
    type: 'string',
    value: 'url',
    about: 'URL that invitation links redirect to (default: a page of the emulator)',
  },
  'expires-after': {
    type: 'string',
    value: 'time',
    about: 'time until an invitation expires, such as 90s, 15m, 12h or 7d (default: 30d)',
  },
  'token-expiry': {
    type: 'string',
    value: 'mode',
    about: 'enforce, or warn to take expired tokens of components (default: enforce)',
  },
  fault: {
    type: 'string',
    multiple: true,
    value: 'text',
    about: `fault of a route; may be repeated: 'POST /api/v1/invitations status=503 times=2 delay=2s',
'GET /api/v1/invitations reset', 'client POST /api/v1/invitations garbage'`,
  },
  clock: {
    type: 'string',
    value: 'time',
    about: 'moves the clock: +31d, -2h, or to a time such as 2030-01-01T00:00:00Z',
  },
  quiet: { type: 'boolean', about: 'prints no line for each request and webhook' },
  data: { type: 'string', value: 'file', about: 'JSON file that keeps the state across restarts (default: none)' },
  help: { type: 'boolean', about: 'show this help' },
  version: { type: 'boolean', about: 'show the version' },
} as const satisfies Record<string, Flag>;

const HELP = `A local Vortex cloud for development and tests. Not for production.

Usage: vortex-emulator [options]
       vortex-emulator doctor <mount url> [options]   checks a running application; see doctor --help

${linesOfFlags(FLAGS)}
`;

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
  const flags = readFlags();
  if (flags.help) return console.log(HELP);
  if (flags.version) return console.log(version());

  const port = portNumber(flags.port);
  const expiresAfter = flags['expires-after'];
  const options = {
    port,
    host: flags.host,
    apiKey: flags['api-key'] ?? (process.env.VORTEX_API_KEY || undefined),
    webhookUrl: flags['webhook-url'],
    webhookSecret: flags['webhook-secret'] ?? (process.env.VORTEX_WEBHOOK_SECRET || undefined),
    landingUrl: flags['landing-url'],
    expiresAfter: expiresAfter === undefined ? undefined : readDuration('--expires-after', expiresAfter),
    // Checked with the other options.
    tokenExpiry: flags['token-expiry'] as EmulatorOptions['tokenExpiry'],
    dataFile: flags.data,
  };
  const faults = (flags.fault ?? []).map(readFault);
  const distance = flags.clock === undefined ? 0 : readClock(flags.clock, Date.now());
  checkOptions(options);
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

function readFlags() {
  try {
    return parseArgs({ options: FLAGS }).values;
  } catch (error) {
    // Node adds further sentences. The first one names the flag and the problem.
    const [sentence] = (error as Error).message.split(/[.\n]/);
    throw new UsageError(`${sentence}; see --help.`);
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port must be a whole number from 0 to 65535, not "${text}".`);
}

/** Validates the options, and names the flag instead of the option in the error. */
function checkOptions(options: EmulatorOptions): void {
  try {
    settle(options);
  } catch (error) {
    const kebab = (error as Error).message.replace(/^\w+/, (name) =>
      name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`),
    );
    throw new UsageError(`--${kebab}`);
  }
}

async function start(options: EmulatorOptions & ListenOptions & { port: number }) {
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

function greeting(emulator: Emulator, flags: ReturnType<typeof readFlags>): string {
  // A secret from the environment may be a real one. Do not print it: terminals are shared and recorded.
  const secret = (name: string, flag: string | undefined, value: string) =>
    flag === undefined && process.env[name] ? `# ${name}: keep the value from your environment` : `${name}=${value}`;
  return `Vortex emulator ${version()}: open ${emulator.url} to see what happens.

Put this into the .env file of your application:

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
