/** What stands in the path of a call, and what never does. */
import { VortexClient } from '@vortex/core';
import { expect, test } from 'vitest';

/** The call for an invitation of this id, and where it went. */
async function get(id: string) {
  const urls: string[] = [];
  const client = new VortexClient('VRTX.Pxwrep1OTGuKHw4tPEtaaQ.secret', {
    baseUrl: 'https://api.example',
    fetch: async (url) => {
      urls.push(String(url));
      return Response.json({ id: 'i' });
    },
  });
  const error = await client.getInvitation(id).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, urls: urls.map((url) => url.replace('https://api.example/api/v1/invitations/', '')) };
}

test.each([
  ['a', 'a'],
  ['a/b?c#d', 'a%2Fb%3Fc%23d'],
  ['...', '...'],
  ['.a', '.a'],
  ['a.', 'a.'],
  ['50%', '50%25'],
  ['%zz', '%25zz'],
  ['%ff', '%25ff'],
  ['%2E%2E%2E', '%252E%252E%252E'],
  ['a%2F..', 'a%252F..'],
  ['\u{1f680}', '%F0%9F%9A%80'],
])('%s is sent as %s', async (id, sent) => {
  expect(await get(id)).toEqual({ error: undefined, urls: [sent] });
});

const EMPTY = { reason: 'type', message: 'An id or scope in the path must be text and not empty.' };
const DOTS = { reason: 'format', message: 'An id or scope must not be "." or ".." in any encoding.' };

test.each([
  ['', EMPTY],
  [5 as unknown as string, EMPTY],
  [null as unknown as string, EMPTY],
  ['.', DOTS],
  ['..', DOTS],
  ['%2e', DOTS],
  ['.%2E', DOTS],
  ['%252e%252e', DOTS],
  ['%25252e.', DOTS],
  ['\udc00', DOTS],
  ['a\ud800', DOTS],
])('%j is not sent', async (id, refusal) => {
  expect(await get(id)).toMatchObject({ error: { code: 'INVALID_ARGUMENT', ...refusal }, urls: [] });
});
