/** `npm start` installs only the dependencies of the example that it starts, so its sources may import nothing else. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

interface Manifest {
  dependencies?: Record<string, string>;
}
const manifest = (folder: string): Manifest => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
const names = ({ dependencies }: Manifest) => Object.keys({ ...dependencies });

test.each([
  'packages/core',
  'packages/emulator',
  'packages/express',
  'packages/fastify',
  'packages/hono',
  'packages/browser',
  'packages/react',
  'examples/workspace',
])('%s imports only packages that npm start installs', (folder) => {
  const shown = execFileSync(process.execPath, [tsc, '-p', folder, '--showConfig'], { cwd: root, encoding: 'utf8' });
  const { files } = JSON.parse(shown) as { files: string[] };
  const imported = files.flatMap((file) => {
    const source = readFileSync(join(root, folder, file), 'utf8');
    return Array.from(
      source.matchAll(/(?:from|import) ?\(?'(@[^/']+\/[^/']+|[^./#@'][^/']*)/gu),
      ([, name]) => name as string,
    );
  });
  // Peer dependencies come from the root.
  const installed = new Set([...names(manifest(folder)), ...names(manifest('.'))]);
  expect(files.length).toBeGreaterThan(0);
  expect(imported.length).toBeGreaterThan(0);
  expect([...new Set(imported)].filter((name) => !name.startsWith('node:') && !installed.has(name))).toEqual([]);
});

// Otherwise npx asks the registry about the pnpm that it has. Without a network it then waits for over a minute, in silence.
test('each script of the root that calls npx prefers what is on the disk', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const calls = Object.values(scripts).flatMap((script) => script.match(/npx --yes \S+/gu) ?? []);
  expect(new Set(calls)).toEqual(new Set(['npx --yes --prefer-offline']));
});
