import { openApiDocument } from '@vortex/core/openapi';
import { describe, expect, test } from 'vitest';
import { report } from '../report.js';
import { DOCUMENT, type Harness } from './harness.js';

export function documentServed({ server, call, callAt, expectFailure }: Harness): void {
  describe('the OpenAPI document', () => {
    const settings = { openapi: true };
    const nobody = {};

    test('is served where the application says so, and to anybody', async () => {
      const reply = await call('GET', DOCUMENT, nobody, settings);
      expect(reply.json).toEqual({ ...openApiDocument(), servers: [{ url: '/api/vortex' }] });
      expect(reply.status).toBe(200);
      expect(reply.headers['content-type']).toMatch(/^application\/json/u);
      expect(reply.headers['cache-control']).toBe('public, max-age=300');
      expect((await call('GET', DOCUMENT)).status).toBe(404);
    });

    test('names as its server what it was asked for below, query or not', async () => {
      const mount = '/of/mount-scope/mount-id';
      const base = `${(await server(settings)).url}${mount}`;
      for (const query of ['', '?as=json']) {
        const { status, json } = await callAt(base, 'GET', `${DOCUMENT}${query}`, nobody);
        expect([status, json.servers]).toEqual([200, [{ url: mount }]]);
      }
      const [{ url }] = (await callAt(base, 'GET', DOCUMENT, nobody)).json.servers;
      expect((await callAt(new URL(url, base).href, 'POST', '/jwt')).json).toEqual({ jwt: expect.any(String) });
    });

    test('takes GET and HEAD', async () => {
      const head = await call('HEAD', DOCUMENT, nobody, settings);
      expect([head.status, head.text]).toEqual([200, '']);
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const reply = await call(method, DOCUMENT, nobody, settings);
        expectFailure(reply, 405, 'METHOD_NOT_ALLOWED');
        expect(reply.headers.allow).toBe('GET, HEAD');
      }
    });
  });
}

export function traffic({ documented }: Harness, where: string): void {
  test('every reply of all the above, and every request that was accepted, is as documented', ({ task }) => {
    const { seen, unanswered, deviations } = documented;
    const { replies, requests, refusedBefore } = seen;
    const counted = `${replies} replies and ${requests} accepted requests, ${deviations.length} not as documented`;
    report(task, `openapi: ${where}: ${counted}; ${refusedBefore} refused by the server itself`);
    expect(deviations).toEqual([]);
    // It is no success where little was looked at.
    expect([...unanswered]).toEqual([]);
    expect(replies).toBeGreaterThan(200);
  });
}
