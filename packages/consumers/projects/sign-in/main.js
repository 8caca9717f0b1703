/** Signs callers in with each library, and checks what the routes answer them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readToken } from '@vortex/core/testing';
import { startEmulator } from '@vortex/emulator';
import { createApp as createFastifyJwt } from './fastify-jwt.js';
import { createApp as createPassport } from './passport.js';

const emulator = await startEmulator();
const vortex = {
  apiKey: emulator.apiKey,
  baseUrl: emulator.url,
  authorizeOperation: { JWT: true, GET_INVITATIONS: (op) => op.self },
};

async function check(url, signedIn, signedOut) {
  const get = (path, headers) => fetch(`${url}/api/vortex${path}`, { headers });
  const getToken = (headers) => fetch(`${url}/api/vortex/jwt`, { method: 'POST', headers });
  for (const headers of signedOut) {
    const reply = await getToken(headers);
    assert.deepEqual([reply.status, (await reply.json()).code], [401, 'UNAUTHENTICATED']);
  }
  for (const [id, email, status] of [
    ['u-1', 'ada@example.com', 200],
    // The address is not verified.
    ['u-2', 'bo@example.com', 403],
  ]) {
    const headers = await signedIn(id);
    const { claims } = await readToken((await (await getToken(headers)).json()).jwt, emulator.apiKey);
    assert.equal(claims.userId, id);
    assert.equal((await get(`/invitations?targetType=email&targetValue=${email}`, headers)).status, status);
  }
}

const server = createPassport(vortex).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
const signIn = (username, password) =>
  fetch(`${url}/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
const cookieOf = async (id) => ({ cookie: (await signIn(id, 'right')).headers.get('set-cookie').split(';')[0] });
assert.equal((await signIn('u-1', 'wrong')).status, 401);
await check(url, cookieOf, [{}, { cookie: 'connect.sid=made-up' }]);
server.close();

const app = await createFastifyJwt(vortex);
const bearer = (token) => ({ authorization: `Bearer ${token}` });
const expired = app.jwt.sign({ sub: 'u-1', exp: 1 });
const forged = `${app.jwt.sign({ sub: 'u-1' }).slice(0, -8)}AAAAAAAA`;
const unknown = app.jwt.sign({ sub: 'u-9' });
const signedOut = [{}, ...[expired, forged, unknown, 'no token', '', 'a.b.c'].map(bearer)];
await check(
  await app.listen({ port: 0, host: '127.0.0.1' }),
  async (id) => bearer(app.jwt.sign({ sub: id })),
  signedOut,
);
await app.close();

await emulator.close();
console.log('Passport, @fastify/jwt');
