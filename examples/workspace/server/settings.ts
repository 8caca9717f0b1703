import type { Place } from './domain/database.js';

export const servers = ['express', 'fastify', 'hono'] as const;
export type ServerName = (typeof servers)[number];

export interface Settings {
  /**
   * The port to listen on.
   * @default the first free port from 3000 to 3019
   */
  port: number | undefined;
  /** @default 'express' */
  server: ServerName;
  /**
   * The PostgreSQL server to use.
   * @default PGlite, in a local directory
   */
  database: Extract<Place, { url: string }> | undefined;
  /**
   * The API key of the Vortex cloud.
   * @default the emulator runs in place of the cloud
   */
  apiKey: string | undefined;
  /**
   * The secret that webhooks are signed with. Required with `apiKey`.
   * @default the secret of the emulator
   */
  webhookSecret: string | undefined;
}

/**
 * Reads the settings from the environment and the command line.
 *
 * @throws {Error} that names the invalid setting and what to change
 */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[] = [],
): Settings {
  const apiKey = env.VORTEX_API_KEY || undefined;
  const webhookSecret = env.VORTEX_WEBHOOK_SECRET || undefined;
  if (apiKey && !webhookSecret) {
    throw new Error('VORTEX_WEBHOOK_SECRET is missing. Set it together with VORTEX_API_KEY: webhooks add the members.');
  }
  return {
    port: readPort(env.PORT),
    server: readServer(readFlag(args) ?? env.SERVER),
    database: readDatabase(env.DATABASE_URL),
    apiKey,
    webhookSecret,
  };
}

function readPort(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/u.test(text) && port < 65_536) return port;
  throw new Error(`PORT is "${text}". Set it to a number from 0 to 65535, or unset it.`);
}

function readServer(text: string | undefined): ServerName {
  const name = servers.find((each) => each === (text || 'express'));
  if (name) return name;
  throw new Error(`SERVER (or --server) is "${text}". Set it to one of ${servers.join(', ')}, or unset it.`);
}

function readFlag(args: readonly string[]): string | undefined {
  const [flag, value] = args;
  if (flag === undefined) return undefined;
  if (flag === '--server' && args.length === 2) return value;
  if (flag.startsWith('--server=') && args.length === 1) return flag.slice('--server='.length);
  throw new Error(`The arguments "${args.join(' ')}" are not valid. Use: npm start -- --server ${servers.join('|')}`);
}

function readDatabase(text: string | undefined): { url: string } | undefined {
  if (!text) return undefined;
  if (/^postgres(?:ql)?:\/\//u.test(text) && URL.canParse(text)) return { url: text };
  throw new Error(
    'DATABASE_URL is not a PostgreSQL URL. Set it to postgres://user:password@host:5432/name, or unset it to use PGlite.',
  );
}
