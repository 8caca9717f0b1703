import { openApiDocument } from '@vortex/core/openapi';
import { expect, test } from 'vitest';
import { report } from '../report.js';
import type { Group } from './group.js';
import { DOCUMENT } from './harness.js';

export const documentServed: Group = {
  of: 'seam',
  title: 'the OpenAPI document',
  define({ server, call, callAt, expectFailure }) {
    const settings = { openapi: true };
    const signedOut = {};

    test('the document is served to every caller if the option openapi is set, and is a 404 otherwise', async () => {
      const reply = await call('GET', DOCUMENT, signedOut, settings);
      expect(reply.json).toEqual({ ...openApiDocument(), servers: [{ url: '/api/vortex' }] });
      expect(reply.status).toBe(200);
      expect(reply.headers['content-type']).toMatch(/^application\/json/u);
      expect(reply.headers['cache-control']).toBe('public, max-age=300');
      expect(reply.headers['x-content-type-options']).toBe('nosniff');
      expect((await call('GET', DOCUMENT)).status).toBe(404);
    });

    test('the document names the mount path as its server, with a query and without one', async () => {
      const mount = '/of/mount-scope/mount-id';
      const base = `${(await server(settings)).url}${mount}`;
      for (const query of ['', '?as=json']) {
        const { status, json } = await callAt(base, 'GET', `${DOCUMENT}${query}`, signedOut);
        expect([status, json.servers]).toEqual([200, [{ url: mount }]]);
      }
      const [{ url }] = (await callAt(base, 'GET', DOCUMENT, signedOut)).json.servers;
      expect((await callAt(new URL(url, base).href, 'POST', '/jwt')).json).toEqual({ jwt: expect.any(String) });
    });

    test('the document answers GET and HEAD, and other methods with 405', async () => {
      const head = await call('HEAD', DOCUMENT, signedOut, settings);
      expect([head.status, head.text]).toEqual([200, '']);
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const reply = await call(method, DOCUMENT, signedOut, settings);
        expectFailure(reply, 405, 'METHOD_NOT_ALLOWED');
        expect(reply.headers.allow).toBe('GET, HEAD');
      }
    });
  },
};

export const traffic: Group = {
  of: 'seam',
  title: 'all traffic',
  define({ adapter, runtime, documented }) {
    test('every reply and every accepted request of the suite is as the OpenAPI document says', ({ task }) => {
      const { seen, unanswered, deviations } = documented;
      const { replies, requests, refusedBefore } = seen;
      const counted = `${replies} replies and ${requests} accepted requests, ${deviations.length} not as documented`;
      report(task, `OpenAPI: ${adapter} on ${runtime}: ${counted}; ${refusedBefore} refused by the server itself`);
      expect(deviations).toEqual([]);
      // A check of little traffic would prove little.
      expect([...unanswered]).toEqual([]);
      expect(replies).toBeGreaterThan(200);
    });
  },
};
