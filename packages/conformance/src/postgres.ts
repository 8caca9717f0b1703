/** Finds PostgreSQL on this machine, and starts a server for one test in a temporary directory. */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type pg from 'pg';

// Debian installs each version in its own directory, which is not in PATH.
const debian = '/usr/lib/postgresql';
const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
const places = [...(process.env.PATH ?? '').split(delimiter), ...versions, '/usr/local/pgsql/bin', '/opt/homebrew/bin'];
const programs = places.find((place) => ['initdb', 'postgres'].every((name) => existsSync(join(place, name))));

if (!programs && process.env.CI)
  throw new Error('PostgreSQL is missing. CI must not skip its tests: run apt-get install postgresql.');

export const hasPostgres = programs !== undefined;
export const needsPostgres = hasPostgres ? '' : ' (needs PostgreSQL: apt-get install postgresql)';

export interface Postgres {
  url: string;
  /** Suspends the processes of the server, which keep their connections and answer nothing; or resumes them. */
  hang(isHanging: boolean): void;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<Postgres> {
  const home = mkdtempSync(join(tmpdir(), 'vortex-postgres-'));
  const data = join(home, 'data');
  mkdirSync(data);
  const user = unprivilegedUser();
  if (user) for (const each of [home, data]) chownSync(each, user.uid, user.gid);
  const run = { ...user, cwd: home };
  const settle = ['--no-sync', '--auth=trust', '--username=vortex', '--encoding=UTF8', '--locale=C'];
  execFileSync(join(programs ?? '', 'initdb'), [...settle, data], { ...run, stdio: 'ignore' });

  const port = await freePort();
  const flags = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', '', '-F'];
  const server = spawn(join(programs ?? '', 'postgres'), flags, { ...run, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    void exited.then(() => reject(new Error(`PostgreSQL did not start:\n${log}`)));
  });
  return {
    url: `postgres://vortex@127.0.0.1:${port}/postgres`,
    hang: (isHanging) => {
      const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(server.pid)], { encoding: 'utf8' });
      for (const pid of [String(server.pid), ...children.trim().split(/\s+/u)]) {
        process.kill(Number(pid), isHanging ? 'SIGSTOP' : 'SIGCONT');
      }
    },
    stop: async () => {
      // SIGINT closes open connections, too.
      server.kill('SIGINT');
      await exited;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Runs work in a transaction on a client of the pool. Rolls back if it fails, and drops a client that cannot roll back. */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  // The pool does not listen while a client is in use. If the connection is lost then, the next statement fails.
  const ignore = () => {};
  client.on('error', ignore);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').then(
      () => client.release(),
      (broken: Error) => client.release(broken),
    );
    throw error;
  } finally {
    // The pool listens again since the release.
    client.off('error', ignore);
  }
}

/** Returns the user to run PostgreSQL as, since it refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody']).toString());
  return { uid: id('-u'), gid: id('-g') };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
