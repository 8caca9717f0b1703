/** Runs the recipe with a real proxy, and with a real TLS server whose certificate is signed by an authority of its own. */
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createEmulator } from '@vortex/emulator';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

/** A name that no DNS server knows. Only the proxy can reach it. */
const HOST = 'api.vortex.test';

const folder = mkdtempSync(join(tmpdir(), 'vortex-proxy-'));
const file = (name: string) => join(folder, name);
const portOf = (server: Pick<Server, 'address'>) => (server.address() as AddressInfo).port;

function createCertificates() {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=Company', '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl('req', ...key, '-subj', `/CN=${HOST}`, '-keyout', 'api.key', '-out', 'api.csr');
  writeFileSync(file('san.cnf'), `subjectAltName=DNS:${HOST},DNS:localhost`);
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'san.cnf'];
  openssl('x509', '-req', '-in', 'api.csr', ...signing, '-out', 'api.pem');
  openssl('req', ...key, '-subj', '/CN=our-server', '-keyout', 'client.key', '-out', 'client.csr');
  openssl('x509', '-req', '-in', 'client.csr', ...signing, '-out', 'client.pem');
}

// The emulator's default key is refused for an API off loopback.
const emulator = createEmulator({ apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.made-up' });
/** The hosts that the proxy was asked to connect to. */
const connects: (string | undefined)[] = [];
const proxy = createServer().on('connect', ({ url }, client) => {
  connects.push(url);
  const server = connect(portOf(api), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.pipe(client).pipe(server);
  });
  server.on('error', () => client.destroy());
  client.on('error', () => server.destroy());
});
let api: Server;
/** The same API behind a gateway that asks for a client certificate. */
let gateway: Server;

beforeAll(async () => {
  createCertificates();
  const certificate = { key: readFileSync(file('api.key')), cert: readFileSync(file('api.pem')) };
  const forward: RequestListener = async ({ url, method = 'GET', headers }, response) => {
    const answer = await emulator.fetch(new URL(url ?? '', emulator.url), {
      method,
      headers: { 'x-api-key': String(headers['x-api-key']) },
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  };
  api = createTlsServer(certificate, forward);
  const ca = readFileSync(file('ca.pem'));
  gateway = createTlsServer({ ...certificate, ca, requestCert: true, rejectUnauthorized: true }, forward);
  for (const server of [api, gateway, proxy]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
});
afterAll(async () => {
  for (const server of [api, gateway, proxy]) {
    server.closeAllConnections();
    server.close();
  }
  await emulator.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  vi.resetModules();
  connects.length = 0;
});
afterEach(() => vi.unstubAllEnvs());

/** Imports the recipe, which reads the environment, and lists the invitations of a user. */
async function listInvitations(environment: Record<string, string>) {
  vi.stubEnv('VORTEX_API_KEY', emulator.apiKey);
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { app, closeConnections } = await import('../src/proxy.ts');
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const inbox = '/api/vortex/invitations?targetType=email&targetValue=ada@example.com';
  const response = await fetch(`http://127.0.0.1:${portOf(server)}${inbox}`, { headers: { 'x-user': 'u-1' } });
  const body: unknown = await response.json();
  await closeConnections();
  server.closeAllConnections();
  server.close();
  return { status: response.status, body };
}

test('the client reaches the API through the proxy and trusts the authority of the company', async () => {
  const answer = await listInvitations({
    VORTEX_API_BASE_URL: `https://${HOST}`,
    HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
    COMPANY_CA_FILE: file('ca.pem'),
  });
  expect(answer).toEqual({ status: 200, body: { invitations: [] } });
  expect(connects).toEqual([`${HOST}:443`]);
});

test('the client trusts the authority of the company without a proxy', async () => {
  const answer = await listInvitations({
    VORTEX_API_BASE_URL: `https://localhost:${portOf(api)}`,
    HTTPS_PROXY: '',
    COMPANY_CA_FILE: file('ca.pem'),
  });
  expect(answer).toEqual({ status: 200, body: { invitations: [] } });
  expect(connects).toEqual([]);
});

test('a gateway that asks for a client certificate is reached with one, and refuses to be called without', async () => {
  const environment = {
    VORTEX_API_BASE_URL: `https://localhost:${portOf(gateway)}`,
    HTTPS_PROXY: '',
    COMPANY_CA_FILE: file('ca.pem'),
  };
  const answer = await listInvitations({
    ...environment,
    CLIENT_CERT_FILE: file('client.pem'),
    CLIENT_KEY_FILE: file('client.key'),
  });
  expect(answer).toEqual({ status: 200, body: { invitations: [] } });
  const withoutOne = `${LIST}.catch(({ code }) => code)`;
  expect(await run(environment.VORTEX_API_BASE_URL, withoutOne)).toBe('UPSTREAM_UNREACHABLE\n');
});

/** Runs a call of a client without options in a process that trusts the authority, and returns what it prints. */
function run(baseUrl: string, call: string, environment: Record<string, string> = {}): Promise<string> {
  const program = `
    import { VortexClient } from '@vortex/core';
    const client = new VortexClient('${emulator.apiKey}', { baseUrl: '${baseUrl}' });
    console.log(await ${call});
    await client.close();`;
  return runProgram(program, environment);
}

/** Runs a program in a process that trusts the authority by NODE_EXTRA_CA_CERTS, and returns what it prints. */
async function runProgram(program: string, environment: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_EXTRA_CA_CERTS: file('ca.pem'), ...environment },
  });
  return stdout;
}
const LIST = `client.getInvitationsByTarget('email', 'ada@example.com')`;

test('a client without options trusts the authority in NODE_EXTRA_CA_CERTS', async () => {
  expect(await run(`https://localhost:${portOf(api)}`, LIST)).toBe('[]\n');
});

test('without COMPANY_CA_FILE, the recipe trusts the authority in NODE_EXTRA_CA_CERTS', async () => {
  const program = `
    import { app, closeConnections } from './dist/proxy.js';
    const server = app.listen(0, '127.0.0.1', async () => {
      const inbox = '/api/vortex/invitations?targetType=email&targetValue=ada@example.com';
      const url = 'http://127.0.0.1:' + server.address().port + inbox;
      console.log(await (await fetch(url, { headers: { 'x-user': 'u-1' } })).text());
      await closeConnections();
      server.closeAllConnections();
      server.close();
    });`;
  const environment = {
    VORTEX_API_KEY: emulator.apiKey,
    VORTEX_API_BASE_URL: `https://localhost:${portOf(api)}`,
    HTTPS_PROXY: '',
    COMPANY_CA_FILE: '',
  };
  expect(await runProgram(program, environment)).toBe('{"invitations":[]}\n');
});

test('a client without options goes through HTTPS_PROXY if NODE_USE_ENV_PROXY is 1', async () => {
  const variables = { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`, NO_PROXY: '' };
  expect(await run(`https://${HOST}`, LIST, variables)).toBe('[]\n');
  expect(connects).toEqual([`${HOST}:443`]);
});

test('a certificate of an unknown authority is not trusted', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  const answer = await listInvitations({
    VORTEX_API_BASE_URL: `https://${HOST}`,
    HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
    COMPANY_CA_FILE: '',
  });
  expect(answer).toMatchObject({ status: 502, body: { code: 'UPSTREAM_UNREACHABLE' } });
  expect(logged.mock.calls.flat().join(' ')).toContain('certificate');
  logged.mockRestore();
});
