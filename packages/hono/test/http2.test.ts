/** Over HTTP/2, served by @hono/node-server. */
import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { vortexApp } from '@vortex/hono';
import { expect, onTestFinished, test } from 'vitest';

test('a body that stops gets a 408 without a header that HTTP/2 does not have', async () => {
  const warnings: string[] = [];
  const note = ({ message }: Error) => warnings.push(message);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const app = vortexApp({
    apiKey: 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret',
    authenticateUser: () => ({ id: 'ann' }),
    authorizeOperation: () => true,
    bodyTimeout: 200,
  });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, createServer });
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    const slow = session.request({
      ':method': 'POST',
      ':path': '/invitations/accept',
      'content-type': 'application/json',
    });
    slow.write('{');
    const [reply] = await once(slow.resume(), 'response');
    expect([reply[':status'], reply.connection]).toEqual([408, undefined]);
    expect(warnings.filter((message) => message.includes('connection header'))).toEqual([]);
  } finally {
    session.destroy();
    server.close();
  }
});
