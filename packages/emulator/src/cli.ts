import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Emulator, type EmulatorOptions, type ListenOptions, startEmulator } from './index.js';
import { settle } from './options.js';

const HELP = `A local Vortex cloud for development and tests. Not for production.

Usage: vortex-emulator [options]

  --port <number>          port to listen on, 0 for any free one (default: 8787)
  --host <address>         address to listen on (default: 127.0.0.1, this machine only)
  --api-key <key>          key clients must send (default: VORTEX_API_KEY, else a fixed one)
  --webhook-url <url>      where webhooks are posted (default: nowhere)
  --webhook-secret <text>  what webhooks are signed with (default: VORTEX_WEBHOOK_SECRET, else a fixed one)
  --landing-url <url>      where invitation links lead (default: a page of the emulator)
  --data <file>            JSON file that keeps the state across restarts (default: none)
  --help                   show this
  --version                show the version
`;

/** Something the caller wrote is wrong; the message is all they need. */
class UsageError extends Error {}

try {
  await main();
} catch (error) {
  const usage = error instanceof UsageError;
  console.error(`vortex-emulator: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = usage ? 2 : 1;
}

async function main(): Promise<void> {
  const flags = readFlags();
  if (flags.help) return console.log(HELP);
  if (flags.version) return console.log(version());

  const port = portNumber(flags.port);
  const options = {
    port,
    host: flags.host,
    apiKey: flags['api-key'] ?? (process.env.VORTEX_API_KEY || undefined),
    webhookUrl: flags['webhook-url'],
    webhookSecret: flags['webhook-secret'] ?? (process.env.VORTEX_WEBHOOK_SECRET || undefined),
    landingUrl: flags['landing-url'],
    dataFile: flags.data,
  };
  checkOptions(options);
  const emulator = await start(options);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(emulator));
  console.log(greeting(emulator, flags));
}

function readFlags() {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      options: {
        port: { ...text, default: '8787' },
        host: text,
        'api-key': text,
        'webhook-url': text,
        'webhook-secret': text,
        'landing-url': text,
        data: text,
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    // Node explains at length; the first sentence has it all.
    const [sentence] = (error as Error).message.split(/[.\n]/);
    throw new UsageError(`${sentence}; see --help.`);
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port must be a whole number from 0 to 65535, not "${text}".`);
}

/** The library names options its own way; here they are flags. */
function checkOptions(options: EmulatorOptions): void {
  try {
    settle(options);
  } catch (error) {
    const kebab = (error as Error).message.replace(/^\w+/, (name) =>
      name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`),
    );
    throw new UsageError(`--${kebab}.`);
  }
}

async function start(options: EmulatorOptions & ListenOptions & { port: number }): Promise<Emulator> {
  try {
    return await startEmulator(options);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`port ${options.port} is already in use; choose another with --port.`);
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
  // A secret that came through the environment may be a real one, and terminals are shared and recorded.
  const secret = (name: string, flag: string | undefined, value: string) =>
    flag === undefined && process.env[name] ? `# ${name} stays as it is in your environment` : `${name}=${value}`;
  return `Vortex emulator ${version()}: open ${emulator.url} to watch it.

Put this into the .env of your application:

${secret('VORTEX_API_KEY', flags['api-key'], emulator.apiKey)}
VORTEX_API_BASE_URL=${emulator.url}
${secret('VORTEX_WEBHOOK_SECRET', flags['webhook-secret'], emulator.webhookSecret)}

Webhooks go ${flags['webhook-url'] ? `to ${flags['webhook-url']}` : 'nowhere; say where with --webhook-url'}.
Press Ctrl+C to stop.`;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
