/** Programs that use the packed packages as pnpm installs them, compiled by each version of TypeScript. */
import { execFile } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

const own = fileURLToPath(new URL('../node_modules', import.meta.url));

/** The versions of TypeScript, by the names under which they are installed. */
const compilers = { '5.8': 'typescript58', '5.9': 'typescript59', '6': 'typescript6', '7': 'typescript' } as const;

export type Version = keyof typeof compilers;

/** The strictest that our users compile with. */
export const compilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  jsx: 'react-jsx',
  types: ['node'],
  resolveJsonModule: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitReturns: true,
  verbatimModuleSyntax: true,
  declaration: true,
  noEmit: true,
};

/**
 * Writes a program into a folder of its own, in which only the given dependencies can be imported.
 *
 * @param files the text of each file by its name
 * @returns the folder
 */
export function writeProgram(
  name: string,
  dependencies: readonly string[],
  files: Readonly<Record<string, string>>,
): string {
  const folder = join(inject('folder'), 'pnpm/programs', name);
  for (const each of [...dependencies, '@types/node']) {
    const link = join(folder, 'node_modules', each);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(inject('packed')[each]?.unpacked ?? realpathSync(join(own, each)), link);
  }
  const manifest = { type: 'module', dependencies: Object.fromEntries(dependencies.map((each) => [each, '*'])) };
  const written = {
    ...files,
    'package.json': JSON.stringify(manifest),
    'tsconfig.json': JSON.stringify({ compilerOptions, files: Object.keys(files) }),
  };
  for (const [file, text] of Object.entries(written)) writeFileSync(join(folder, file), text);
  return folder;
}

/** Compiles a program. Returns what the compiler prints, which is nothing if there is no error. */
export function compile(folder: string, version: Version, ...flags: string[]): Promise<string> {
  const tsc = join(own, compilers[version], 'bin/tsc');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [tsc, '--pretty', 'false', ...flags], { cwd: folder }, (error, stdout, stderr) => {
      // The statuses 1 and 2 stand for errors in the program.
      if (error && error.code !== 1 && error.code !== 2) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
  });
}
