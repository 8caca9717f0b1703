/** Tests the command-line program as a process, and how it reads its arguments. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEmulator, DEFAULT_API_KEY, DEFAULT_WEBHOOK_SECRET, startEmulator } from '@vortex/emulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HELP, readFlags, readSettings } from '../src/arguments.js';
import { lineOf } from '../src/doctor-command.js';
import { UsageError } from '../src/usage.js';
import { newInvitation, startReceiver } from './helpers.js';

const CLI = new URL('../bin/vortex-emulator.js', import.meta.url).pathname;

function run(args: string[], env: Record<string, string> = {}) {
  const { VORTEX_API_KEY, VORTEX_WEBHOOK_SECRET, ...inherited } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...inherited, ...env } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function end(child: ChildProcessWithoutNullStreams) {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Returns the printed text once it has the last line of the greeting. */
async function greeting(child: ChildProcessWithoutNullStreams): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.includes('Ctrl+C')) return text;
  }
  throw new Error(`The program ended before its greeting. It printed: ${text}`);
}

const setting = (text: string, name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];

describe('vortex-emulator', () => {
  it('the program prints its URL and the variables to set, serves requests, and exits with 0 on SIGINT', async () => {
    const child = run(['--port', '0']);
    const text = await greeting(child);
    const url = setting(text, 'VORTEX_API_BASE_URL') ?? '';
    expect(setting(text, 'VORTEX_API_KEY')).toBe(DEFAULT_API_KEY);
    expect(setting(text, 'VORTEX_WEBHOOK_SECRET')).toBe(DEFAULT_WEBHOOK_SECRET);
    expect(text.split('\n')[0]).toContain(`open ${url}`);

    expect((await fetch(url)).status).toBe(200);
    child.kill('SIGINT');
    expect(await end(child)).toMatchObject({ code: 0, stderr: '' });
  });

  it('the program takes its settings from flags and keeps its state in the data file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'emulator-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const data = join(directory, 'state.json');
    const landing = 'https://app.example.com/join';
    const flags = [
      '--port=0',
      '--api-key=VRTX.flag',
      '--webhook-secret=flag',
      '--landing-url',
      landing,
      '--data',
      data,
    ];
    const child = run(flags, { VORTEX_API_KEY: 'VRTX.environment' });
    const text = await greeting(child);
    expect([setting(text, 'VORTEX_API_KEY'), setting(text, 'VORTEX_WEBHOOK_SECRET')]).toEqual(['VRTX.flag', 'flag']);

    const url = setting(text, 'VORTEX_API_BASE_URL') ?? '';
    const created = await fetch(`${url}/api/v1/invitations`, {
      method: 'POST',
      headers: { 'x-api-key': 'VRTX.flag' },
      body: JSON.stringify(newInvitation()),
    });
    const { id, shortLink } = (await created.json()) as { id: string; shortLink: string };
    const followed = await fetch(shortLink, { redirect: 'manual' });
    expect(followed.headers.get('location')).toBe(`${landing}?invitationId=${id}`);

    child.kill('SIGTERM');
    expect((await end(child)).code).toBe(0);
    expect(JSON.parse(await readFile(data, 'utf8'))).toMatchObject({ invitations: [{ id, clickThroughs: 1 }] });
  });

  it('the program takes secrets from the environment and does not print them', async () => {
    const child = run(['--port=0'], { VORTEX_API_KEY: 'VRTX.environment', VORTEX_WEBHOOK_SECRET: 'environment' });
    const text = await greeting(child);
    expect(text).not.toMatch(/VRTX\.environment|=environment/);
    const url = setting(text, 'VORTEX_API_BASE_URL');
    const response = await fetch(`${url}/api/v1/invitations/x`, { headers: { 'x-api-key': 'VRTX.environment' } });
    expect(response.status).toBe(404);
  });

  it('the program prints one sentence about an invalid argument and exits with 2', async () => {
    const { code, stdout, stderr } = await end(run(['--port', 'http']));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('vortex-emulator: --port must be a whole number from 0 to 65535, not "http".\n');
  });

  it.each([
    [['--prot', '1'], "'--prot'"],
    [['--port', 'http'], '--port'],
    [['--port', '65536'], '--port'],
    [['--port'], '--port'],
    [['extra'], "'extra'"],
    [['--webhook-url', 'localhost:3000'], '--webhook-url'],
    [['--landing-url', 'nowhere'], '--landing-url'],
    [['--api-key', ''], '--api-key'],
    [['--token-expiry', 'never'], '--token-expiry'],
    [['--expires-after', '7'], '--expires-after'],
    [['--expires-after', '999999999d'], '--expires-after must be'],
    [['--webhook-url', 'http://ada:secret@127.0.0.1:3000'], '--webhook-url must not contain a user name'],
    [['--fault', 'POST /api/v1/invitations status=70'], '--fault: status must be'],
    [['--fault', 'POST /api/v1/invitations'], '--fault'],
    [['--fault', 'POST /api/v1/invitation status=503'], 'no route'],
    [['--fault', 'POST /api/v1/invitations state=503'], 'state'],
    [['--fault', 'POST /api/v1/invitations status=many'], 'status'],
    [['--clock', 'tomorrow'], '--clock'],
    [['--clock', '-2h'], '--clock=-'],
    [['--clock', '+999999999d'], '--clock cannot be moved that far'],
    [['--clock=-999999999d'], '--clock cannot be moved that far'],
    [['--webhook-secret', '-s'], '--webhook-secret=-'],
  ])('the invalid arguments %j are explained in one sentence', (args, words) => {
    const reading = () => readSettings(readFlags(args), {});
    expect(reading).toThrow(UsageError);
    expect(reading).toThrow(/^[^\n]+\.$/);
    expect(reading).toThrow(words);
  });

  /** Returns the printed text once it has a line of this form. */
  async function printed(child: ChildProcessWithoutNullStreams, form: RegExp): Promise<string> {
    let text = '';
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      text += chunk;
      if (form.test(text)) return text;
    }
    throw new Error(`The program ended. It printed: ${text}`);
  }

  it('the greeting says where links lead and how to change it', async () => {
    expect(await greeting(run(['--port=0']))).toContain('To lead them to your application, set --landing-url.');
    const text = await greeting(run(['--port=0', '--landing-url', 'http://localhost:3000/join']));
    expect(text).toContain('Links of invitations lead to http://localhost:3000/join.');
  });

  it('each request and each webhook is a line, and a failure says what to do and where to see it', async () => {
    const receiver = await startReceiver(() => 401);
    const child = run(['--port=0', '--webhook-url', receiver.url]);
    const url = setting(await greeting(child), 'VORTEX_API_BASE_URL') ?? '';
    const lines = printed(child, /webhook invitation\.created[^\n]+\n[^\n]+\n/u);
    const headers = { 'x-api-key': DEFAULT_API_KEY, 'x-vortex-sdk-name': 'my-sdk', 'x-vortex-sdk-version': '1.0' };
    await fetch(`${url}/api/v1/invitations/x`, { headers: { ...headers, 'x-api-key': 'wrong' } });
    await fetch(`${url}/api/v1/invitations`, { method: 'POST', headers, body: JSON.stringify(newInvitation()) });
    const text = await lines;
    expect(text).toMatch(/^\d\d:\d\d:\d\d 201 POST \/api\/v1\/invitations [\d.]+ ms \(my-sdk\/1\.0\)$/mu);
    expect(text).toMatch(
      / 401 GET .*\n +Unauthorized\. The x-api-key is not the key .* See http:\/\/\S+\/requests\/\S+$/mu,
    );
    expect(text).toMatch(
      / 401 webhook invitation\.created to .*\n +The application refused .* It is tried again\. See /u,
    );
    expect(text).not.toContain('wrong');
  });

  it('--quiet prints nothing after the greeting', async () => {
    const child = run(['--port=0', '--quiet']);
    const url = setting(await greeting(child), 'VORTEX_API_BASE_URL') ?? '';
    await fetch(`${url}/api/v1/invitations/x`);
    child.kill('SIGINT');
    expect(await end(child)).toMatchObject({ code: 0, stdout: '' });
  });

  it('a clock that cannot be moved that far ends the program with 2 before it listens', async () => {
    const { code, stdout, stderr } = await end(run(['--port=0', '--clock', '+999999999d']));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^vortex-emulator: --clock cannot be moved that far: [^\n]+\n$/u);
  });

  it('the clock is moved back by the form that the help shows', async () => {
    const [, flag = ''] = /(--clock=-\w+)/u.exec(HELP) ?? [];
    expect(readSettings(readFlags([flag]), {}).distance).toBe(-2 * 60 * 60 * 1000);
  });

  it('--fault and --clock set the faults and the clock', async () => {
    const fault = 'client GET /api/v1/invitations/sent status=503 times=2 delay=1s';
    const child = run(['--port=0', '--fault', 'POST /api/v1/invitations reset', '--fault', fault, '--clock=+31d']);
    const emulator = connectEmulator(setting(await greeting(child), 'VORTEX_API_BASE_URL') ?? '');
    expect(await emulator.faults()).toEqual([
      { route: 'POST /api/v1/invitations', fault: { reset: true }, left: null },
      { route: 'client GET /api/v1/invitations/sent', fault: { status: 503, times: 2, delay: 1000 }, left: 2 },
    ]);
    expect((await emulator.now()).getTime() - Date.now()).toBeGreaterThan(30 * 24 * 60 * 60 * 1000);
  });

  it('a finding of the doctor is wrapped between words at the width of the terminal, and each line is indented', () => {
    const finding = { verdict: 'wrong', text: 'one two three', advice: 'See https://example.com/long.' } as const;
    expect(lineOf(finding, 18).split('\n')).toEqual([
      'WRONG    one two',
      '         three',
      '         See',
      '         https://example.com/long.',
    ]);
    // A terminal that does not know its width reports 0.
    for (const unknown of [undefined, 0]) {
      expect(lineOf({ verdict: 'right', text: 'one two three' }, unknown)).toBe('right    one two three');
    }
    expect(lineOf({ verdict: 'right', text: 'one\u001b[2J two' })).toBe('right    one\ufffd[2J two');
  });

  it('the error for a port in use names --port', async () => {
    const other = await startEmulator();
    onTestFinished(() => other.close());
    const { port } = new URL(other.url);
    expect(await end(run(['--port', port]))).toEqual({
      code: 1,
      stdout: '',
      stderr: `vortex-emulator: port ${port} is already in use; choose another one with --port.\n`,
    });
  });

  it.each([
    ['## Options and flags', ['--help']],
    ['## Doctor', ['doctor', '--help']],
  ])('the README lists below %j the flags that %j prints', async (heading, args) => {
    const { code, stdout } = await end(run(args));
    expect(code).toBe(0);
    const printed = Array.from(stdout.matchAll(/^ {2}--([\w-]+)/gmu), ([, flag]) => flag);
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const [, section = ''] = readme.split(`\n${heading}\n`);
    const rows = section.split('\n## ')[0]?.match(/^\|.*\|$/gmu) ?? [];
    const listed = rows.flatMap((row) => Array.from(row.matchAll(/`--([\w-]+)`/gu), ([, flag]) => flag));
    expect(listed.toSorted()).toEqual(printed.toSorted());
    expect(printed.length).toBeGreaterThan(9);
  });

  it('--version prints the version', async () => {
    const { code, stdout } = await end(run(['--version']));
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });
});
