/** Over HTTP/2, where streams share a connection. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { vortexPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { expect, test } from 'vitest';

test('a body that stops gets a 408 at the deadline, and its stream alone is closed', async () => {
  const app = fastify({ http2: true });
  const options = vortexPlugin({
    apiKey: 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret',
    authenticateUser: () => ({ id: 'ann' }),
    authorizeOperation: () => true,
    bodyTimeout: 200,
  });
  await app.register(options, { prefix: '/api/vortex' });
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
  try {
    const headers = { ':method': 'POST', 'content-type': 'application/json' };
    const slow = session.request({ ...headers, ':path': '/api/vortex/invitations/accept' });
    slow.write('{');
    const closed = once(slow.resume(), 'close');
    const [reply] = await once(slow, 'response');
    expect([reply[':status'], reply.connection]).toEqual([408, undefined]);
    await closed;
    const next = session.request({ ...headers, ':path': '/api/vortex/jwt' }).end();
    expect((await once(next.resume(), 'response'))[0][':status']).toBe(200);
  } finally {
    session.destroy();
    await app.close();
  }
});
