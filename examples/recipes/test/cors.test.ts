import { getRequestListener } from '@hono/node-server';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { json, type Running, serve, visitor } from './helpers.ts';

const ORIGIN = 'https://app.example.com';

describe.each([
  ['Express', () => import('../src/cors-express.ts').then(({ app }) => app)],
  [
    'Fastify',
    async () => {
      const { app } = await import('../src/cors-fastify.ts');
      await app.ready();
      return app.routing.bind(app);
    },
  ],
  ['Hono', () => import('../src/cors-hono.ts').then(({ app }) => getRequestListener(app.fetch))],
] as const)('%s', (name, load) => {
  let running: Running;
  beforeAll(async () => {
    running = await serve(load);
    return () => running.close();
  });
  afterEach(() => running.emulator.reset());

  /** A request as a browser sends it from a page of the given origin. */
  const from = (origin: string) => visitor(running.url, { origin, 'sec-fetch-site': 'cross-site', 'x-user': 'u-1' });
  const invite = () =>
    running.client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'new@example.com' },
      inviter: { userId: 'u-1' },
    });
  const list = (response: Response, header: string) => response.headers.get(header)?.toLowerCase().split(/,\s*/u);
  const isReadable = ({ headers }: Response) =>
    headers.get('access-control-allow-origin') === ORIGIN && headers.get('access-control-allow-credentials') === 'true';

  test.each([
    ['POST', '/invitations', 'content-type'],
    ['DELETE', '/invitations/i-1', 'x-user'],
  ])(`${name} allows %s %s with credentials to pages of the origin`, async (method, path, header) => {
    const preflight = await from(ORIGIN)(`/api/vortex${path}`, {
      method: 'OPTIONS',
      headers: { 'access-control-request-method': method, 'access-control-request-headers': header },
    });
    expect([preflight.ok, isReadable(preflight)]).toEqual([true, true]);
    expect(list(preflight, 'access-control-allow-methods')).toContain(method.toLowerCase());
    expect(list(preflight, 'access-control-allow-headers')).toContain(header);
  });

  test(`${name} lets pages of the origin revoke, and read a refusal`, async () => {
    const revoke = async (id: string) => {
      const reply = await from(ORIGIN)(`/api/vortex/invitations/${id}`, { method: 'DELETE' });
      return [reply.status, isReadable(reply)];
    };
    expect(await revoke((await invite()).id)).toEqual([200, true]);
    expect(await revoke('unknown')).toEqual([404, true]);
    const denied = await from(ORIGIN)('/api/vortex/jwt', json({}));
    expect([denied.status, isReadable(denied)]).toEqual([403, true]);
  });

  test(`${name} exposes Retry-After to pages of the origin`, async () => {
    const { id } = await invite();
    running.emulator.fault('GET /api/v1/invitations/:invitationId', {
      status: 429,
      headers: { 'retry-after': '7' },
      times: 9,
    });
    const limited = await from(ORIGIN)(`/api/vortex/invitations/${id}`);
    expect([limited.status, isReadable(limited), limited.headers.get('retry-after')]).toEqual([429, true, '7']);
    expect(list(limited, 'access-control-expose-headers')).toContain('retry-after');
  });

  test(`${name} refuses a write of another origin, and does not allow it to read`, async () => {
    const reply = await from('https://evil.example')(`/api/vortex/invitations/${(await invite()).id}`, {
      method: 'DELETE',
    });
    expect([reply.status, await reply.json()]).toEqual([403, expect.objectContaining({ code: 'CROSS_SITE_REQUEST' })]);
    expect(['https://evil.example', '*']).not.toContain(reply.headers.get('access-control-allow-origin'));
  });
});
