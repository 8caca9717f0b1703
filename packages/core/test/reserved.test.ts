/** Words that are never invitation ids follow from the table of operations. */
import { VortexClient } from '@vortex/core';
import { describe, expect, test } from 'vitest';
import { createRoutes, type VortexRoute } from '../src/routes/dispatch.ts';
import { operations } from '../src/routes/operations.ts';
import { isReserved } from '../src/routes/params.ts';
import { reservedWords } from '../src/routes/paths.ts';

const table = {
  ...operations,
  BULK: { ...operations.CREATE_INVITATION, routes: ['POST /invitations/bulk'] as const },
};

// The declarations have no parameter for the table.
const mount = createRoutes as (options: object, table: object) => VortexRoute<undefined>[];

/** Sends DELETE to a target below the mount, by the route that a router would find. */
async function remove(target: string) {
  const calls: string[] = [];
  const client = new VortexClient('VRTX.Pxwrep1OTGuKHw4tPEtaaQ.made-up-Secret', {
    baseUrl: 'https://api.example',
    fetch: async (url) => {
      calls.push(String(url));
      return Response.json({});
    },
  });
  const options = { client, authenticateUser: () => ({ id: 'u' }), authorizeOperation: () => true };
  const routes = mount(options, table);
  const matches = (path: string) => path === target || /^\/invitations\/:[^/]+$/u.test(path);
  const route = routes.find(({ path, methods }) => matches(path) && methods.includes('DELETE'));
  const reply = await route?.handle({
    url: target,
    header: () => undefined,
    body: async () => ({ kind: 'empty' }),
    signal: () => undefined,
    log: () => {},
    context: undefined,
  });
  return { status: reply?.status, calls };
}

describe('after POST /invitations/bulk was added to the table', () => {
  test.each([
    ['/invitations/bulk', 405],
    ['/invitations/%62ulk', 404],
    ['/invitations/BULK', 404],
    ['/invitations/b%75LK', 404],
    ['/invitations/BY-SCOPE', 404],
  ])('DELETE %s answers %i without a call to the API', async (target, status) => {
    expect(await remove(target)).toEqual({ status, calls: [] });
  });

  test('an id that begins with a reserved word is not reserved', async () => {
    const { status, calls } = await remove('/invitations/bulk-1');
    expect([status, calls]).toEqual([200, ['https://api.example/api/v1/invitations/bulk-1']]);
  });
});

test('the words of a parameter are the literal segments beside it, in every path that has it', () => {
  const words = reservedWords(['/a/:id', '/a/bulk', '/b/:id', '/b/all', '/c/other', '/a/:id/x']);
  expect(words).toEqual(new Map([['id', new Set(['bulk', 'all'])]]));
  expect(isReserved(words, 'scope', 'bulk')).toBe(false);
});
