/** Fresh projects outside of the workspace, in which the tarballs are installed. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

const tarballs = Object.fromEntries(Object.entries(packed).map(([ours, { tarball }]) => [ours, `file:${tarball}`]));

/** Copies a project into a folder outside of the workspace, and gives it our packages from the tarballs. */
function copy(name: string, folder: string, filesOf: readonly string[] = []): void {
  for (const from of [...filesOf, name]) cpSync(join(projects, from), folder, { recursive: true });
  cpSync(join(projects, 'check.mjs'), join(folder, 'check.mjs'));
  for (const path of ['package.json', 'web/package.json'].map((file) => join(folder, file)).filter(existsSync)) {
    change(path, ({ dependencies = {}, devDependencies = {} }) => {
      for (const each of [dependencies, devDependencies])
        for (const ours of Object.keys(each)) each[ours] = tarballs[ours] ?? each[ours];
    });
  }
}

type Manifest = Readonly<Record<string, Record<string, unknown> | undefined>>;

function change(path: string, apply: (manifest: Manifest) => void): void {
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  apply(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

/** Installs a project outside of the workspace. */
async function install(name: string, by: Installer, filesOf: readonly string[]): Promise<string> {
  const folder = join(inject('folder'), name);
  copy(name, folder, filesOf);
  const manifest = join(folder, 'package.json');
  if (by === 'npm') change(manifest, (own) => Object.assign(own, { overrides: { ...own.overrides, ...tarballs } }));
  if (by === 'pnpm') {
    // YAML reads JSON.
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), JSON.stringify({ packages: ['*'], overrides: tarballs }));
  }
  if (by === 'Yarn') {
    change(manifest, (own) => Object.assign(own, { resolutions: tarballs }));
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
  const folder = installed.get(name) ?? install(name, by, from);
  installed.set(name, folder);
  return folder;
}

/** The projects that take the newest version of everything. npm installs them in one go, as workspaces of one root. */
const newest = ['esm', 'cjs', 'types', 'web', 'vite', 'jest'] as const;

/** Returns the folder of a project that takes the newest version of everything. */
export async function newestProject(name: (typeof newest)[number]): Promise<string> {
  const root = installed.get('newest') ?? installNewest();
  installed.set('newest', root);
  return join(await root, name);
}

async function installNewest(): Promise<string> {
  const root = join(inject('folder'), 'newest');
  for (const name of newest) {
    copy(name, join(root, name));
    change(join(root, name, 'package.json'), (own) => Object.assign(own, { name }));
  }
  writeFileSync(join(root, 'package.json'), JSON.stringify({ private: true, workspaces: newest, overrides: tarballs }));
  const [command, ...args] = installers.npm;
  await inProject(root, command, args);
  return root;
}

/** The path of a file among the packages of a project, which npm puts beside a workspace. */
export function inModules(folder: string, path: string): string {
  const paths = [folder, dirname(folder)].map((parent) => join(parent, 'node_modules', path));
  return paths.find(existsSync) ?? path;
}
