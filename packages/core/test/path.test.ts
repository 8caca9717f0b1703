/** How an id is encoded into the path of a call, and which ids are refused. */
import { VortexClient } from '@vortex/core';
import { expect, test } from 'vitest';

/** Reads an invitation by its id, and returns the error and the paths that were requested. */
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
  ['%2', '%252'],
  ['%zz', '%25zz'],
  ['%ff', '%25ff'],
  ['%2E%2E%2E', '%252E%252E%252E'],
  ['a%2F..', 'a%252F..'],
  ['\u{1f680}', '%F0%9F%9A%80'],
])('the id %s is sent as %s', async (id, sent) => {
  expect(await get(id)).toEqual({ error: undefined, urls: [sent] });
});

test.each([
  ['', 'type'],
  [5 as unknown as string, 'type'],
  [null as unknown as string, 'type'],
  ['.', 'format'],
  ['..', 'format'],
  ['%2e', 'format'],
  ['.%2E', 'format'],
  ['%252e%252e', 'format'],
  ['%25252e.', 'format'],
  ['\udc00', 'format'],
  ['a\ud800', 'format'],
])('the id %j is refused with the reason %s, and nothing is sent', async (id, reason) => {
  expect(await get(id)).toMatchObject({ error: { code: 'INVALID_ARGUMENT', reason }, urls: [] });
});
