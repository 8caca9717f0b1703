/** Reads the command line of the program. */
import { parseArgs } from 'node:util';
import type { Fault } from './faults.js';
import { readClock, readDuration, readFault } from './flags.js';
import { type EmulatorOptions, type ListenOptions, settle } from './options.js';
import type { EmulatedRoute } from './routes.js';
import { type Flag, linesOfFlags, refusedFlag, UsageError } from './usage.js';

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
    about: 'moves the clock: --clock +31d, --clock=-2h, or to a time such as 2030-01-01T00:00:00Z',
  },
  quiet: { type: 'boolean', about: 'prints no line for each request and webhook' },
  data: { type: 'string', value: 'file', about: 'JSON file that keeps the state across restarts (default: none)' },
  help: { type: 'boolean', about: 'show this help' },
  version: { type: 'boolean', about: 'show the version' },
} as const satisfies Record<string, Flag>;

/** The text that `--help` prints. */
export const HELP = `A local Vortex cloud for development and tests. Not for production.

Usage: vortex-emulator [options]
       vortex-emulator doctor <mount url> [options]   checks a running application; see doctor --help

${linesOfFlags(FLAGS)}
`;

export type Flags = ReturnType<typeof readFlags>;

/** The settings of an emulator that the command line describes. */
export interface Settings {
  readonly options: EmulatorOptions & ListenOptions & { port: number };
  readonly faults: readonly { route: EmulatedRoute; fault: Fault }[];
  /** Milliseconds to move the clock by. */
  readonly distance: number;
}

/** @throws {UsageError} for an unknown flag, and for one without its value */
export function readFlags(args: string[]) {
  try {
    return parseArgs({ args, options: FLAGS }).values;
  } catch (error) {
    throw refusedFlag(error, '--help');
  }
}

/**
 * Checks the values of the flags. Environment variables stand in for secrets that no flag sets.
 *
 * @throws {UsageError} that names the flag whose value is invalid
 */
export function readSettings(flags: Flags, env: NodeJS.ProcessEnv): Settings {
  const expiresAfter = flags['expires-after'];
  const options = {
    port: portNumber(flags.port),
    host: flags.host,
    apiKey: flags['api-key'] ?? (env.VORTEX_API_KEY || undefined),
    webhookUrl: flags['webhook-url'],
    webhookSecret: flags['webhook-secret'] ?? (env.VORTEX_WEBHOOK_SECRET || undefined),
    landingUrl: flags['landing-url'],
    expiresAfter: expiresAfter === undefined ? undefined : readDuration('--expires-after', expiresAfter),
    // Checked with the other options.
    tokenExpiry: flags['token-expiry'] as EmulatorOptions['tokenExpiry'],
    dataFile: flags.data,
  };
  const faults = (flags.fault ?? []).map(readFault);
  const distance = flags.clock === undefined ? 0 : readClock(flags.clock, Date.now());
  checkOptions(options);
  return { options, faults, distance };
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
