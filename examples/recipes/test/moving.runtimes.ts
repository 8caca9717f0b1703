/** Runs the program of each page on moving, and the doctor with the command of that page. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openEmulator, runDoctor } from '@vortex/conformance/doctor';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { type Code, readPage, root } from './markdown.ts';

// Below this package's node_modules, so that the programs find their imports.
const folder = fileURLToPath(new URL('../node_modules/.cache/moving/', import.meta.url));
const PAGES = ['express', 'fastify', 'nextjs', 'rails', 'spring'];

/** Serves the two route files of the page on Next.js. */
const NEXT = `
import { serve } from '@hono/node-server';
import * as routes from './nextjs-0.js';
import * as webhook from './nextjs-1.js';

const handlerOf = ({ method, url }: Request) =>
  ({ '/webhooks/vortex': webhook })[new URL(url).pathname]?.POST ?? routes[method as keyof typeof routes];
serve({ port: 3000, fetch: (request) => handlerOf(request)?.(request) ?? new Response(null, { status: 405 }) });
`;

function codesOf(page: string): Code[] {
  const path = `packages/core/moving/${page}.md`;
  return readPage(path, readFileSync(join(root, path), 'utf8')).codes;
}

beforeAll(async () => {
  const programs = PAGES.flatMap((page) =>
    codesOf(page)
      .filter(({ language }) => language === 'ts')
      .map(({ text }, index) => ({ name: `${page}-${index}.ts`, text })),
  );
  const files = [...programs, { name: 'nextjs.ts', text: NEXT }];
  const compilerOptions = { composite: false, declarationMap: false, sourceMap: false, types: ['node'] };
  const settings = { extends: join(root, 'tsconfig.base.json'), compilerOptions, files: files.map(({ name }) => name) };
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' })),
    writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings)),
    ...files.map(({ name, text }) =>
      writeFile(join(folder, name), text.replace(/\b3000\b/u, 'Number(process.env.PORT)')),
    ),
  ]);
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  await promisify(execFile)(process.execPath, [join(typescript, 'bin/tsc'), '-p', folder]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The arguments of the doctor's command on the page, for a program that signs a caller in by a header. */
function argumentsOf(page: string, url: string): string[] {
  const [command] = codesOf(page).flatMap(({ text }) => /^npx vortex-emulator doctor (.+)$/mu.exec(text)?.[1] ?? []);
  const text = readFileSync(join(root, `packages/core/moving/${page}.md`), 'utf8');
  const [, header = ''] = /give it `(--header '[^']+')` in place of the cookie/u.exec(text) ?? [];
  const given = command?.replace(/--cookie '[^']+'/u, header).replaceAll('http://localhost:3000', url);
  return Array.from(given?.matchAll(/'([^']*)'|\S+/gu) ?? [], ([word, quoted]) => quoted ?? word);
}

test.each(PAGES)(
  'with the flag that it prints, the doctor finds nothing wrong with the program of moving/%s.md',
  async (page) => {
    const emulator = await openEmulator();
    const port = await freePort();
    const env = {
      ...process.env,
      PORT: String(port),
      VORTEX_API_KEY: emulator.apiKey,
      VORTEX_API_BASE_URL: emulator.url,
      VORTEX_WEBHOOK_SECRET: emulator.webhookSecret,
    };
    const program = spawn(process.execPath, [page === 'nextjs' ? 'nextjs.js' : `${page}-0.js`], { cwd: folder, env });
    onTestFinished(() => void program.kill());
    const url = `http://localhost:${port}`;
    await vi.waitFor(() => fetch(url), { timeout: 30_000 });

    const args = argumentsOf(page, url);
    const first = await runDoctor(emulator, args);
    expect(first.wrong.length, first.output).toBeGreaterThan(0);
    expect(first.wrong.filter((line) => !line.includes('is denied to this caller'))).toEqual([]);
    const [, flag = ''] = /--denied (\S+)/u.exec(first.output) ?? [];
    const second = await runDoctor(emulator, [...args, '--denied', flag]);
    expect(second.output).toMatch(/\n[1-9]\d* right, 0 wrong, \d+ unknown\.\n$/u);
    expect(second.code).toBe(0);
  },
);
