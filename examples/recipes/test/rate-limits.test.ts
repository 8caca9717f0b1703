import { getRequestListener } from '@hono/node-server';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectSignedOut, json, type Running, serve, visitor } from './helpers.ts';

const invitation = json({ widgetConfigurationId: 'any', target: { type: 'email', value: 'new@example.com' } });
const scoped = { type: 'team', scopeId: 'harbor', name: 'Harbor' };
const tooMany = { error: 'Too many requests; try again later.', code: 'RATE_LIMITED' };

describe.each([
  ['Express', () => import('../src/rate-limit-express.ts').then(({ app }) => app)],
  [
    'Fastify',
    async () => {
      const { app } = await import('../src/rate-limit-fastify.ts');
      await app.ready();
      return app.routing.bind(app);
    },
  ],
  ['Hono', () => import('../src/rate-limit-hono.ts').then(({ app }) => getRequestListener(app.fetch))],
] as const)('%s', (_, load) => {
  let running: Running;
  beforeAll(async () => {
    running = await serve(load);
    return () => running.close();
  });
  afterEach(() => running.emulator.reset());

  const as = (user: string) => visitor(running.url, { 'x-user': user });
  const invite = (user: string, sent = invitation) => as(user)('/api/vortex/invitations', sent);

  test('each user can send three invitations per minute and still make other requests', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await invite('u-1')).status);
    expect(statuses).toEqual([200, 200, 200]);

    const refused = await invite('u-1');
    expect([refused.status, await refused.json()]).toEqual([429, expect.objectContaining(tooMany)]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(running.emulator.outbox).toHaveLength(3);

    // No rule allows it, but it is not limited.
    expect((await as('u-1')('/api/vortex/jwt', { method: 'POST' })).status).toBe(403);
    expect((await invite('u-2')).status).toBe(200);
  });

  test('each user can accept ten times per minute', async () => {
    const accept = async (user: string) => {
      const reply = await as(user)('/api/vortex/invitations/accept', json({ invitationIds: ['i-1'] }));
      return ((await reply.json()) as { code: string }).code;
    };
    const codes: string[] = [];
    for (let count = 0; count < 11; count += 1) codes.push(await accept('u-1'));
    expect(codes).toEqual([...Array<string>(10).fill('NOT_FOUND'), 'RATE_LIMITED']);
    expect(await accept('u-2')).toBe('NOT_FOUND');
  });

  test('a caller is limited to 60 requests per minute, even if signed out', async () => {
    await expectSignedOut(as('stranger'));
    let last: Response | undefined;
    for (let count = 1; count <= 60; count += 1) last = await as('stranger')('/api/vortex/jwt', { method: 'POST' });
    expect([last?.status, await last?.json()]).toEqual([429, expect.objectContaining(tooMany)]);
  });

  test('an invitation to a team is denied by the rules', async () => {
    const body = json({ ...JSON.parse(String(invitation.body)), scopes: [scoped] });
    expect(await (await invite('u-3', body)).json()).toMatchObject({ code: 'FORBIDDEN' });
  });
});
