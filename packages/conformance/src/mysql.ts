/** Finds MariaDB or MySQL's server on this machine, and starts one for a test in a temporary directory. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
const find = (name: string) => places.map((place) => join(place, name)).find((file) => existsSync(file));
const server = find('mariadbd');
const install = find('mariadb-install-db');

if (!(server && install) && process.env.CI) {
  throw new Error('MariaDB is missing. CI must not skip its tests: run apt-get install mariadb-server.');
}

/** Suffix for the title of a test that is skipped without MariaDB. It is empty if MariaDB is installed. */
export const needsMysql = server && install ? '' : ' (needs MariaDB: apt-get install mariadb-server)';

export interface Mysql {
  /** The Unix socket of the server. Its user is `root`, without a password; its database is `test`. */
  socketPath: string;
  stop(): Promise<void>;
}

export async function startMysql(): Promise<Mysql> {
  const home = await mkdtemp(join(tmpdir(), 'vortex-mysql-'));
  const data = join(home, 'data');
  const socketPath = join(home, 'mysql.sock');
  // It refuses to run as root unless told to.
  const shared = ['--no-defaults', `--datadir=${data}`, ...(process.getuid?.() === 0 ? ['--user=root'] : [])];
  execFileSync(install ?? '', [...shared, '--auth-root-authentication-method=normal'], { cwd: home, stdio: 'ignore' });
  const flags = ['--skip-networking', `--socket=${socketPath}`, '--innodb-flush-log-at-trx-commit=0'];
  const child = spawn(server ?? '', [...shared, ...flags], { cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('ready for connections')) resolve();
    });
    child.once('error', reject);
    void exited.then(() => reject(new Error(`MariaDB did not start:\n${log}`)));
  });
  return {
    socketPath,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}
