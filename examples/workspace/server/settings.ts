import type { Place } from './domain/database.js';

export const servers = ['express', 'fastify', 'hono'] as const;
export type ServerName = (typeof servers)[number];

export interface Settings {
  /** Default: the first free one from 3000 on. */
  port: number | undefined;
  server: ServerName;
  /** Default: an embedded database beside the program. */
  database: Extract<Place, { url: string }> | undefined;
  /** Default: a local stand-in for the Vortex cloud. */
  apiKey: string | undefined;
  webhookSecret: string | undefined;
}

/**
 * What the environment and the command line say.
 *
 * @throws {Error} saying what to change
 */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[] = [],
): Settings {
  const apiKey = env.VORTEX_API_KEY || undefined;
  const webhookSecret = env.VORTEX_WEBHOOK_SECRET || undefined;
  if (apiKey && !webhookSecret) {
    throw new Error('VORTEX_API_KEY is set, so set VORTEX_WEBHOOK_SECRET too: members are added by webhook.');
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
  throw new Error(`PORT is "${text}"; set it to a number from 0 to 65535, or leave it out.`);
}

function readServer(text: string | undefined): ServerName {
  const name = servers.find((each) => each === (text || 'express'));
  if (name) return name;
  throw new Error(`SERVER (or --server) is "${text}"; set it to ${servers.join(', ')}, or leave it out.`);
}

function readFlag(args: readonly string[]): string | undefined {
  const [flag, value] = args;
  if (flag === undefined) return undefined;
  if (flag === '--server' && args.length === 2) return value;
  if (flag.startsWith('--server=') && args.length === 1) return flag.slice('--server='.length);
  throw new Error(`"${args.join(' ')}" is not understood; write: npm start -- --server ${servers.join('|')}`);
}

function readDatabase(text: string | undefined): { url: string } | undefined {
  if (!text) return undefined;
  if (/^postgres(?:ql)?:\/\//u.test(text) && URL.canParse(text)) return { url: text };
  throw new Error('DATABASE_URL must be like postgres://user:password@host:5432/name; leave it out for PGlite.');
}
