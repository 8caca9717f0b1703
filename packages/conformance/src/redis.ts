import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
const command = [process.env.REDIS_SERVER, ...places.map((place) => join(place, 'redis-server'))].find(
  (file) => file && existsSync(file),
);

if (!command && process.env.CI) throw new Error('CI skips nothing. Install Redis: apt-get install redis-server.');

/** Suffix for the title of a test that is skipped without Redis. It is empty if Redis is installed. */
export const needsRedis = command
  ? ''
  : ' (needs Redis: apt-get install redis-server, or set REDIS_SERVER to the path of its program)';

/** The program `redis-server`. */
export const redisServer = command ?? 'redis-server';

/** Starts a Redis that listens on a Unix socket in a temporary folder and saves nothing. */
export async function startRedis(): Promise<{ path: string; close(): Promise<void> }> {
  if (!command) throw new Error(`redis-server was not found${needsRedis}.`);
  const folder = await mkdtemp(join(tmpdir(), 'vortex-redis-'));
  const path = join(folder, 'redis.sock');
  const server = spawn(command, ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  await new Promise<void>((ready, reject) => {
    createInterface(server.stdout).on('line', (line) => {
      if (/ready to accept connections/iu.test(line)) ready();
    });
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`redis-server exited with ${code}`)));
  });
  return {
    path,
    close: async () => {
      server.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
