/** Packs every public package as for publishing, once for all tests of this package. */
import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

declare module 'vitest' {
  interface ProvidedContext {
    /** The packages by name: the tarball, and the folder where it is unpacked and its dependencies are linked, as by pnpm. */
    packed: Record<string, { tarball: string; unpacked: string }>;
    /** Temporary folder for fresh projects, outside of the workspace. */
    folder: string;
    /** Suffix for the title of a test that is skipped without the npm registry. It is empty if the registry answers. */
    needsRegistry: string;
  }
}

/** Removes what an earlier build left of a source that has moved, as a fresh clone has none of it. */
function removeStale(folder: string) {
  const built = readdirSync(join(folder, 'dist'), { recursive: true }).map(String);
  for (const file of built.filter((name) => /\.(?:js|d\.ts)(?:\.map)?$/u.test(name))) {
    const source = join(folder, 'src', file.replace(/\.(?:js|d\.ts)(?:\.map)?$/u, ''));
    if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(join(folder, 'dist', file));
  }
}

export default async function pack({ provide }: TestProject) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vortex-consumers-')));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const names = readdirSync(packages)
    .map((name) => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')))
    .filter((manifest) => !manifest.private)
    .map((manifest) => manifest.name as string);
  for (const name of names) removeStale(join(packages, name.replace('@vortex/', '')));
  const filters = names.flatMap((name) => ['--filter', name]);
  const pnpm = [
    '--yes',
    '--prefer-offline',
    'pnpm@10.34.9',
    '--recursive',
    ...filters,
    'pack',
    '--pack-destination',
    folder,
  ];
  const [registry] = await Promise.all([
    run('npm', ['view', 'typescript', 'name', '--fetch-retries=0', '--fetch-timeout=10000']).then(
      () => '',
      (error: Error) => error.message,
    ),
    run('npx', pnpm, { cwd: packages }),
  ]);
  if (registry && process.env.CI) {
    remove();
    throw new Error(`CI skips nothing, and the npm registry does not answer: ${registry}`);
  }

  const files = readdirSync(folder);
  const store = join(folder, 'pnpm/node_modules/.pnpm');
  const packed = names.map((name) => {
    const start = `${name.replace('@', '').replace('/', '-')}-`;
    const tarball = join(folder, files.find((file) => file.startsWith(start)) ?? '');
    const unpacked = join(store, name.replace('/', '+'), 'node_modules', name);
    mkdirSync(unpacked, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
    return [name, { tarball, unpacked }] as const;
  });
  for (const [name, { unpacked }] of packed) linkDependencies(name, unpacked, Object.fromEntries(packed));
  provide('packed', Object.fromEntries(packed));
  provide('folder', folder);
  provide('needsRegistry', registry && ' (needs the npm registry: `npm ping` shows why it does not answer)');
  return remove;
}

/** Links the dependencies of a package beside it, as pnpm does: a package sees its own dependencies and no others. */
function linkDependencies(name: string, unpacked: string, packed: ProvidedContext['packed']): void {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  const beside = join(unpacked, '../..');
  const own = join(packages, basename(name), 'node_modules');
  for (const each of Object.keys({ ...dependencies, ...peerDependencies })) {
    const target = packed[each]?.unpacked ?? realpathSync(join(own, each));
    mkdirSync(dirname(join(beside, each)), { recursive: true });
    symlinkSync(target, join(beside, each));
  }
}
