/** Fresh projects outside of the workspace, in which the tarballs are installed. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';

const packed = inject('packed');
const projects = fileURLToPath(new URL('../projects/', import.meta.url));

const run = promisify(execFile);
/** Runs a command in a project and returns its output. The error of a failure holds the output. */
export async function inProject(folder: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  try {
    const { stdout } = await run(command, args, { cwd: folder, env: { ...process.env, ...env } });
    return stdout;
  } catch (error) {
    const { message, stdout } = error as Error & { stdout?: string };
    throw new Error(`${message}\n${stdout ?? ''}`);
  }
}

/** How a project is installed. Each takes our packages, direct or not, from the tarballs. */
type Installer = 'npm' | 'pnpm' | 'Yarn';
export const YARN = ['--yes', '--prefer-offline', '@yarnpkg/cli-dist@4.18.1'];
const installers: Record<Installer, readonly [command: string, ...args: string[]]> = {
  npm: ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'],
  pnpm: ['npx', '--yes', '--prefer-offline', 'pnpm@10.34.9', 'install', '--prefer-offline'],
  Yarn: ['npx', ...YARN, 'install', '--no-immutable'],
};

/** Installs a project outside of the workspace. */
async function install(name: string, by: Installer, ...filesOf: string[]): Promise<string> {
  const folder = join(inject('folder'), name);
  for (const from of [...filesOf, name]) cpSync(join(projects, from), folder, { recursive: true });
  cpSync(join(projects, 'check.mjs'), join(folder, 'check.mjs'));
  const tarballs = Object.fromEntries(Object.entries(packed).map(([ours, { tarball }]) => [ours, `file:${tarball}`]));
  for (const path of ['package.json', 'web/package.json'].map((file) => join(folder, file)).filter(existsSync)) {
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    for (const dependencies of [manifest.dependencies, manifest.devDependencies])
      for (const ours of Object.keys(dependencies ?? {})) dependencies[ours] = tarballs[ours] ?? dependencies[ours];
    if (by === 'npm') manifest.overrides = { ...manifest.overrides, ...tarballs };
    if (by === 'Yarn') manifest.resolutions = tarballs;
    writeFileSync(path, JSON.stringify(manifest));
  }
  if (by === 'pnpm') {
    // YAML reads JSON.
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), JSON.stringify({ packages: ['*'], overrides: tarballs }));
  }
  if (by === 'Yarn') {
    writeFileSync(join(folder, 'yarn.lock'), '');
    writeFileSync(join(folder, '.yarnrc.yml'), JSON.stringify({ nodeLinker: 'pnp', enableTelemetry: false }));
  }
  const [command, ...args] = installers[by];
  await inProject(folder, command, args);
  return folder;
}

const installed = new Map<string, Promise<string>>();
/** Returns the folder of a project and installs it on first use. `from` names projects whose files it also gets. */
export function project(name: string, by: Installer = 'npm', ...from: string[]): Promise<string> {
  const folder = installed.get(name) ?? install(name, by, ...from);
  installed.set(name, folder);
  return folder;
}
