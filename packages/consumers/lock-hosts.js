/**
 * Writes `examples/hosts/pnpm-lock.yaml` after a change of a program's dependencies: `npm run lock:hosts`. It pins all of
 * them but our own packages, which are packed and added for each run of the tests.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const hosts = fileURLToPath(new URL('../../examples/hosts/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vortex-hosts-'));
try {
  for (const name of ['.', ...readdirSync(hosts)]) {
    const file = join(hosts, name, 'package.json');
    if (!existsSync(file)) continue;
    const { dependencies = {}, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
    const others = Object.entries(dependencies).filter(([dependency]) => !dependency.startsWith('@vortex/'));
    mkdirSync(join(folder, name), { recursive: true });
    const text = JSON.stringify({ ...manifest, dependencies: Object.fromEntries(others) });
    writeFileSync(join(folder, name, 'package.json'), text);
  }
  for (const name of ['pnpm-workspace.yaml', 'pnpm-lock.yaml']) {
    if (existsSync(join(hosts, name))) copyFileSync(join(hosts, name), join(folder, name));
  }
  execFileSync('npx', ['--yes', 'pnpm@10.34.9', 'install', '--lockfile-only'], { cwd: folder, stdio: 'inherit' });
  copyFileSync(join(folder, 'pnpm-lock.yaml'), join(hosts, 'pnpm-lock.yaml'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
