/** Checks that all contenders answer every case in the same way, so that the comparison is fair. */
import { type Contender, cases, contenders, frameworks } from '@vortex/bench/cases';
import { API_KEY } from '@vortex/bench/data';
import { execPath, type Program, startServer, startUpstream } from '@vortex/bench/processes';
import { compactVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const node = execPath(process.versions.node.split('.')[0] ?? '');
let upstream: Awaited<ReturnType<typeof startUpstream>>;

beforeAll(async () => {
  upstream = await startUpstream(node);
});

afterAll(() => upstream.stop());

describe.each(frameworks)('%s', (framework) => {
  const programs: Partial<Record<Contender, Program>> = {};

  beforeAll(async () => {
    for (const contender of contenders) {
      programs[contender] = await startServer(node, framework, contender, upstream.port);
    }
    // Four programs start one after the other, on a busy machine.
  });

  afterAll(async () => {
    for (const program of Object.values(programs)) await program.stop();
  });

  // Skip the longest list, which differs from the others in its length only.
  const short = cases.filter(({ name }) => name !== 'by-scope 10000');
  it.each(short.map((one) => [one.name, one] as const))(
    'all contenders give the same answer to %s',
    async (name, one) => {
      const replies: Partial<Record<Contender, Record<string, unknown>>> = {};
      for (const contender of contenders) {
        const { method, path, headers = {}, body } = one.request(contenders.indexOf(contender));
        // Use no keep-alive: a server may close an idle connection just when the next case uses it.
        const init = { method, headers: { ...headers, connection: 'close' }, ...(body !== undefined && { body }) };
        const reply = await fetch(`http://127.0.0.1:${programs[contender]?.port}${path}`, init);
        expect([contender, reply.status]).toEqual([contender, 200]);
        expect(reply.headers.get('content-type')).toMatch(/^application\/json/u);
        replies[contender] = (await reply.json()) as Record<string, unknown>;
      }
      const { vortex: ours, vendor, ...bare } = replies;
      if (name === 'POST /jwt') {
        const claims = await Promise.all(Object.values(replies).map((reply) => verified(String(reply.jwt))));
        const [first, ...others] = claims.map(({ expires, userId, ...rest }) => ({
          ...rest,
          userId: typeof userId,
          expires: typeof expires,
        }));
        for (const other of others) expect(other).toEqual(first);
      } else {
        // Ours and the vendor's SDK add `scopes` beside `groups`.
        expect(ours).toEqual(vendor);
        for (const reply of Object.values(bare)) expect(ours).toMatchObject(reply);
      }
    },
  );

  it('a server process measures its CPU time, event loop delay and memory', async () => {
    await programs.vortex?.begin();
    const measured = await programs.vortex?.end();
    expect(measured).toEqual({ cpu: expect.any(Number), late: expect.any(Number), peak: expect.any(Number) });
  });
});

/** Verifies a token with jose, which no contender signs with, and returns its claims. */
async function verified(jwt: string): Promise<Record<string, unknown>> {
  const [, id = '', secret = ''] = API_KEY.split('.');
  const hex = Buffer.from(id, 'base64url').toString('hex');
  const kid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-');
  const raw = await crypto.subtle.importKey('raw', Buffer.from(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  const key = await crypto.subtle.sign('HMAC', raw, Buffer.from(kid));
  const { payload } = await compactVerify(jwt, new Uint8Array(key));
  return JSON.parse(new TextDecoder().decode(payload));
}
