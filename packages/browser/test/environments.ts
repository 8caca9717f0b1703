/**
 * A program for `environments.test.ts`, which runs it in a process of its own. For each list of globals and methods in its first
 * argument, deletes them, makes calls to the URL in its second argument, and restores them. Prints the results as JSON.
 */
import { get, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { createBrowserClient, VortexRequestError } from '@vortex/browser';
import { TokenKeeper } from '@vortex/browser/token';

const [lists = '[]', baseUrl = ''] = process.argv.slice(2);
const { AbortController: Controller } = globalThis;

/** A `fetch` on `node:http`, as a polyfill: Node's own needs many of the deleted globals. It ignores the signal. */
const send = (async (url: string, { method, headers, body }: RequestInit) => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(url, { method, headers: headers as Record<string, string> }, resolve);
    outgoing.on('error', reject).end(body);
  });
  const status = response.statusCode ?? 0;
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name: string) => response.headers[name] ?? null },
    text: () => text(response),
  };
}) as unknown as typeof fetch;

/** Deletes what the path, such as `Array.prototype.at`, names. Returns a function that restores it. */
function remove(path: string): () => void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const owner = names.reduce<object>((value, name) => Reflect.get(value, name), globalThis);
  const property = Object.getOwnPropertyDescriptor(owner, last);
  Reflect.deleteProperty(owner, last);
  return () => {
    if (property) Object.defineProperty(owner, last, property);
  };
}

const told = (call: Promise<unknown>) =>
  call.then(
    (value) => value,
    (error: unknown) => {
      if (!(error instanceof VortexRequestError)) return String(error);
      return { code: error.code, cause: (error.cause as Error | undefined)?.message };
    },
  );

async function results(lacks: readonly string[]) {
  const options = { baseUrl, ...(!lacks.includes('fetch') && { fetch: send }) };
  const client = createBrowserClient(options);
  const list = await told(client.getInvitationsByTarget('email', 'zoe@harbor.example'));
  if (lacks.includes('AbortController') || lacks.includes('fetch')) return list;
  const keeper = new TokenKeeper((context, given) => client.getJwt(context, given));
  await keeper.refresh();
  const leaving = new Controller();
  const aborted = told(client.getInvitation('i', leaving));
  leaving.abort();
  const hasty = createBrowserClient({ baseUrl, timeout: 30, fetch: () => new Promise(() => {}) });
  const { user, error } = keeper.getState();
  return { user: user?.name, error, list, aborted: await aborted, late: await told(hasty.getJwt()) };
}

const found: unknown[] = [];
// Node loads some of its modules on first use, with the globals of that moment.
await new Promise<void>((resolve) => get(`${baseUrl}/jwt`, (response) => response.resume().on('end', resolve)));
for (const lacks of JSON.parse(lists) as string[][]) {
  const restore = lacks.map(remove);
  const result = await results(lacks).catch((error: unknown) => String(error));
  for (const undo of restore) undo();
  found.push(result);
}
process.stdout.write(JSON.stringify(found));
process.exit(0);
