/**
 * The programs of `examples/hosts`, each on its host: installed from the tarballs, built without a secret in the environment,
 * started, and driven over HTTP.
 */
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, runtimes } from '@vortex/conformance';
import { readToken, webhookEvent, webhookRequest } from '@vortex/core/testing';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { beforeAll, describe, expect, inject, type TestContext, test } from 'vitest';
import { type Host, hosts } from './hosts/table.js';

const packed = inject('packed');
const needsRegistry = inject('needsRegistry');
const source = fileURLToPath(new URL('../../../examples/hosts/', import.meta.url));
const installed = join(inject('folder'), 'hosts');

const [node] = runtimes['Node 24'];
const run = promisify(execFile);

/** Copies the programs out of the workspace and installs them, with each package of ours from its tarball. */
async function install(): Promise<void> {
  cpSync(source, installed, { recursive: true });
  const folders = ['.', ...readdirSync(installed)].filter((name) => existsSync(join(installed, name, 'package.json')));
  for (const folder of folders) {
    const file = join(installed, folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    for (const [name, { tarball }] of Object.entries(packed)) {
      if (manifest.dependencies[name]) manifest.dependencies[name] = `file:${tarball}`;
    }
    writeFileSync(file, JSON.stringify(manifest));
  }
  // The lock file pins everything but the tarballs: see `lock-hosts.js`.
  const pnpm = ['--yes', '--prefer-offline', 'pnpm@10.34.9', 'install', '--no-frozen-lockfile', '--prefer-offline'];
  await run('npx', pnpm, { cwd: installed });
}

/** The environment of a program: the newest Node, its own commands, and no secret but the given ones. */
function environment(folder: string, given: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:VORTEX|VITEST|NODE_|FORCE_COLOR|CI$)/u.test(name),
  );
  const places = [join(folder, 'node_modules/.bin'), join(installed, 'node_modules/.bin'), dirname(node)];
  const PATH = [...places, process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(inherited), ...given, PATH, NO_COLOR: '1' };
}

/** The file that a command starts. */
const programs: Readonly<Record<string, string>> = { bun: runtimes.Bun[0], deno: runtimes.Deno[0] };

async function build({ folder, build = [] }: Host): Promise<void> {
  const cwd = join(installed, folder);
  for (const [program, ...args] of build) {
    await run(program, args, { cwd, env: environment(cwd, {}) }).catch(({ message, stdout }) => {
      throw new Error(`${message}\n${stdout}`);
    });
  }
}

/** Starts the program of a host, and returns what it prints once it answers. It is killed when the test ends. */
async function start(
  { folder, command }: { folder: string; command: ReturnType<Host['start']> },
  url: string,
  variables: Readonly<Record<string, string>>,
  { onTestFinished }: TestContext,
): Promise<() => string> {
  const cwd = join(installed, folder);
  const [program, ...args] = command;
  const env = environment(cwd, variables);
  // In a process group of its own, because some hosts serve from a child process.
  const started = spawn(programs[program] ?? program, args, { cwd, env, detached: true });
  let printed = '';
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  started.once('error', (error) => {
    printed += error;
  });
  onTestFinished(() => {
    if (started.pid !== undefined) process.kill(-started.pid, 'SIGKILL');
  });
  while (!(await fetch(url).catch(() => undefined))) {
    if (started.exitCode !== null || started.signalCode !== null || started.pid === undefined)
      throw new Error(`${program} failed: ${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return () => printed;
}

/** Sends requests as a browser does that is on a page of the application. */
function browser(url: string, added: Readonly<Record<string, string>>) {
  return (method: string, path: string, user: string, body?: unknown) =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        ...added,
        ...(user && { 'x-user': user }),
        ...(method !== 'GET' && { origin: new URL(url).origin }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
}

async function json(reply: Response): Promise<Record<string, unknown>> {
  const text = await reply.text();
  expect(reply.status, text).toBe(200);
  return JSON.parse(text);
}

async function checkRoutes(
  url: string,
  emulator: Emulator,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const send = browser(url, headers);
  const signedOut = await send('POST', '/jwt', '');
  expect(await signedOut.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(signedOut.status).toBe(401);
  expect((await send('POST', '/jwt', 'u-1')).status).toBe(403);
  const context = { scopeType: 'team', scope: 'harbor' };
  const { jwt } = await json(await send('POST', '/jwt', 'u-1', { context }));
  expect((await readToken(String(jwt), emulator.apiKey)).claims).toMatchObject({ userId: 'u-1' });

  const invitation = {
    widgetConfigurationId: 'any',
    target: { type: 'email', value: 'bo@example.com' },
    scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
  };
  expect((await send('POST', '/invitations', 'u-2', invitation)).status).toBe(403);
  const { id: revoked } = await json(await send('POST', '/invitations', 'u-1', invitation));
  await json(await send('DELETE', `/invitations/${revoked}`, 'u-1'));
  const { id } = await json(await send('POST', '/invitations', 'u-1', invitation));
  await json(await send('POST', '/invitations/accept', 'u-2', { invitationIds: [id] }));
  expect(emulator.invitations).toMatchObject([{ deactivated: true }, { deactivated: false, status: 'accepted' }]);
  return String(id);
}

async function checkWebhook(
  url: string,
  emulator: Emulator,
  accepted: string,
  printed: () => string,
  { expect }: TestContext,
) {
  const { body, headers } = await webhookRequest(webhookEvent('invitation.accepted'), emulator.webhookSecret);
  const forged = await fetch(url, { method: 'POST', headers, body: body.replace('account-1', 'account-2') });
  expect(forged.status).toBe(401);
  await emulator.settled();
  expect(emulator.deliveries.length).toBeGreaterThan(0);
  for (const { attempts } of emulator.deliveries) expect(attempts).toMatchObject([{ status: 200 }]);
  // A program of another process prints when it likes.
  await expect.poll(printed).toContain(`accepted ${accepted}`);
}

describe.skipIf(needsRegistry !== '')(`the program for${needsRegistry}`, { concurrent: true }, () => {
  beforeAll(install);

  test.for(hosts.map((host) => [host.name, host] as const))(
    '%s serves routes and webhooks',
    async ([, host], context) => {
      await build(host);
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const { routes = '/api/vortex', webhook = '/webhooks/vortex' } = host;
      const emulator = await startEmulator({ webhookUrl: `${url}${webhook}` });
      context.onTestFinished(() => emulator.close());
      const variables = {
        ...host.env,
        PORT: port,
        VORTEX_API_KEY: emulator.apiKey,
        VORTEX_API_BASE_URL: emulator.url,
        VORTEX_WEBHOOK_SECRET: emulator.webhookSecret,
      };
      if (host.variables !== undefined) {
        const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
        writeFileSync(join(installed, host.folder, host.variables), lines.join(''));
      }
      const printed = await start({ folder: host.folder, command: host.start(port) }, url, variables, context);
      try {
        const accepted = await checkRoutes(`${url}${routes}`, emulator, host.headers);
        await checkWebhook(`${url}${webhook}`, emulator, accepted, printed, context);
      } catch (error) {
        throw new Error(`${host.name} printed: ${printed()}`, { cause: error });
      }
    },
  );
});
