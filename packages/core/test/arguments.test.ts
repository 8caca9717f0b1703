/** Calls of the client as JavaScript without types makes them. */
import { VortexClient, VortexError } from '@vortex/core';
import { describe, expect, test } from 'vitest';
import { failure, KEY } from './helpers.ts';

const ORIGIN = 'https://api.example';
const answering = (make: () => Response, options: object = {}) =>
  new VortexClient(KEY, { baseUrl: ORIGIN, fetch: async () => make(), ...options });
const client = answering(() => Response.json({ id: 'i', invitations: [], autojoinDomains: [], processed: 0 }));

const METHODS = [
  'generateToken',
  'generateJwt',
  'sign',
  'getInvitation',
  'getInvitationsByTarget',
  'getInvitationsByScope',
  'createInvitation',
  'acceptInvitation',
  'acceptInvitations',
  'revokeInvitation',
  'deleteInvitationsByScope',
  'reinvite',
  'getAutojoinDomains',
  'configureAutojoin',
  'syncInternalInvitation',
] as const;

const refuse = () => {
  throw new Error('not readable');
};
const hostile = new Proxy({}, { get: refuse, ownKeys: refuse, has: refuse });
const getter = Object.defineProperty({}, 'id', { get: refuse, enumerable: true });
const inputs: unknown[][] = [
  [],
  [null],
  [5],
  ['x'],
  [[]],
  [{}],
  [Symbol('s')],
  [5n],
  [() => {}],
  [hostile],
  [getter],
  [{ user: hostile }],
  ['a', null],
  ['a', hostile],
  ['a', 'b', null],
  ['a', 'b', 'c'],
  ['a', 'b', { signal: 'x' }],
  ['a', 'b', { traceparent: 5 }],
  ['a', { signal: 'x' }],
  [{}, { signal: 'x' }],
  [['i'], null],
  [['i'], [null]],
  [['i'], 'a'],
  [['i'], { email: 'a@b.example' }, { signal: 'x' }],
  [{ target: 5 }],
  [{ target: null }],
  [{ target: { type: 'email', value: 'a' }, groups: [null] }],
  [{ target: { type: 'email', value: 'a' }, scopes: 5 }],
];

test.each(METHODS)('%s rejects with a VortexError or resolves, whatever its arguments are', async (method) => {
  const call = client[method] as (...input: unknown[]) => Promise<unknown>;
  for (const input of inputs) {
    // A call that throws synchronously fails the test.
    const settled = call.apply(client, input);
    const thrown = await settled.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (thrown !== undefined) expect(thrown).toBeInstanceOf(VortexError);
  }
});

test.each<[string, () => Promise<unknown>]>([
  ['createInvitation', () => client.createInvitation([] as never)],
  ['configureAutojoin', () => client.configureAutojoin('x' as never)],
])('%s refuses an argument that is not an object with the reason type', async (_, call) => {
  expect(await failure(call())).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'type' });
});

test('a metric that throws does not change the outcome of a call', async () => {
  const observed = answering(() => Response.json({ id: 'i' }), { onCall: refuse });
  expect(await observed.getInvitation('i')).toMatchObject({ id: 'i' });
  expect(await failure(observed.getInvitation(''))).toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('a fetch that returns nothing makes the call reject with a VortexError', async () => {
  const broken = new VortexClient(KEY, { baseUrl: ORIGIN, fetch: (() => undefined) as never });
  expect(await failure(broken.getInvitation('i'))).toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
    cause: { failure: 'not-http', cause: { message: 'fetch returned no response.' } },
  });
});

test('a closed client rejects every call with CONFIG, and may be closed again', async () => {
  const closed = answering(() => Response.json({ id: 'i' }));
  await closed.getInvitation('i');
  await closed.close();
  await closed.close();
  expect(await failure(closed.getInvitation('i'))).toMatchObject({ code: 'CONFIG' });
  expect(await failure(closed.reinvite('i'))).toMatchObject({ code: 'CONFIG' });
});

describe('a base URL of a web site', () => {
  const page = (status: number) => () => new Response('<!doctype html><title>Not found</title>', { status });

  test.each<[string, (client: VortexClient) => Promise<unknown>]>([
    ['createInvitation', (c) => c.createInvitation({ widgetConfigurationId: 'w', ...INVITATION })],
    ['getInvitation', (c) => c.getInvitation('i')],
    ['revokeInvitation', (c) => c.revokeInvitation('i')],
    ['acceptInvitation', (c) => c.acceptInvitation('i', { email: 'a@b.example' })],
  ])('%s rejects with UPSTREAM_BAD_RESPONSE for the page of a 404', async (_, call) => {
    const error = await failure(call(answering(page(404))));
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', upstreamStatus: 404 });
    expect(error.message).toContain('baseUrl');
  });

  test('createInvitation rejects with UPSTREAM_BAD_RESPONSE for any 404, since a creation names nothing', async () => {
    const missing = answering(() => Response.json({ message: 'Not Found' }, { status: 404 }));
    const creating = missing.createInvitation({ widgetConfigurationId: 'w', ...INVITATION });
    expect(await failure(creating)).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
  });

  test.each(['', '{"message":"Not Found"}'])('getInvitation rejects with NOT_FOUND for a 404 of %j', async (body) => {
    const missing = answering(() => new Response(body, { status: 404 }));
    expect(await failure(missing.getInvitation('i'))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

const INVITATION = { target: { type: 'email', value: 'a@b.example' }, inviter: { userId: 'u' } } as const;
