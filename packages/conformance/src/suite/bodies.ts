import { Agent, request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { USER_HEADER } from '../application.js';
import type { Sent } from '../http.js';
import { ann, COMPONENT, json, newInvitation } from './data.js';
import type { Harness } from './harness.js';

export function bodies({ upstream, server, call, expectFailure, expectRefusal }: Harness): void {
  describe('bodies', () => {
    const accept = (sent: Sent) => call('POST', '/invitations/accept', { user: ann, ...sent });
    const asJson = { 'content-type': 'application/json' };
    const valid = JSON.stringify({ invitationIds: ['i-1'] });

    test.each([
      ['POST', '/jwt', 200],
      ['POST', '/invitations/i-1/reinvite', 404],
      ['DELETE', '/invitations/i-1', 404],
      ['GET', '/invitations/by-scope/team/mine', 200],
    ])('%s %s with a JSON content type and no body is fine', async (method, path, status) => {
      expect((await call(method, path, { user: ann, headers: asJson })).status).toBe(status);
    });

    test.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/a+b+json'])(
      'Content-Type %s is JSON',
      async (type) => {
        await accept({ body: valid, headers: { 'content-type': type } });
        expect(upstream.arrivals).toHaveLength(1);
      },
    );

    test.each([
      ['none', ''],
      ['broken JSON', '{"invitationIds":'],
      ['text', '"invitationIds"'],
      ['a list', '[]'],
      ['a number', '1'],
      ['null', 'null'],
      ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
      ['a byte order mark', `\ufeff${valid}`],
      ['nesting over 32 deep', `{"invitationIds":["i"],"x":${'['.repeat(40)}${']'.repeat(40)}}`],
    ])('a body of %s: 400', async (_, body) => {
      expectRefusal(await accept({ body, headers: asJson }), 400, 'INVALID_REQUEST');
    });

    test('a body over 64 kB: 413', async () => {
      const body = JSON.stringify({ invitationIds: ['i-1'], padding: 'x'.repeat(64 * 1024) });
      expectRefusal(await accept({ body, headers: asJson }), 413, 'PAYLOAD_TOO_LARGE');
      const chunked = await accept({ body, headers: { ...asJson, 'transfer-encoding': 'chunked' } });
      expectRefusal(chunked, 413, 'PAYLOAD_TOO_LARGE');
    });

    test('what follows on the connection after a 413 is answered', async () => {
      const { hostname, port } = new URL((await server()).url);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const post = (chunks: number) =>
        new Promise<number | undefined>((resolve, reject) => {
          const headers = { ...asJson, [USER_HEADER]: encodeURIComponent(JSON.stringify(ann)) };
          const path = chunks === 0 ? '/api/vortex/jwt' : '/api/vortex/invitations/accept';
          const request = httpRequest({ hostname, port, path, method: 'POST', headers, agent, timeout: 5000 });
          request.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)));
          request.on('timeout', () => request.destroy(new Error('no answer')));
          request.on('error', reject);
          for (let count = 0; count < chunks; count += 1) request.write(' '.repeat(16 * 1024));
          request.end();
        });
      try {
        expect(await post(20)).toBe(413);
        // A server may close such a connection; it must not leave the next request waiting on it.
        const next = await post(0).catch((error) => (error.code === 'ECONNRESET' ? post(0) : Promise.reject(error)));
        expect(next).toBe(200);
      } finally {
        agent.destroy();
      }
    });

    test.each([
      ['text/plain', {}],
      ['application/x-www-form-urlencoded', {}],
      ['', {}],
      ['application/json; charset=latin1', {}],
      ['application/jsonp', {}],
      ['application/json', { 'content-encoding': 'gzip' }],
    ])('Content-Type "%s" with %o: 415', async (type, headers) => {
      const typed = type === '' ? headers : { 'content-type': type, ...headers };
      expectRefusal(await accept({ body: valid, headers: typed }), 415, 'UNSUPPORTED_MEDIA_TYPE');
    });

    test('__proto__ and constructor are but keys', async () => {
      const body = `{"invitationIds":["i-1"],"__proto__":{"user":{"email":"ben@orchard.example"}},"constructor":{"prototype":{"polluted":1}}}`;
      await accept({ body, headers: asJson });
      expect(JSON.parse(upstream.arrivals[0]?.body ?? '')).toEqual({
        invitationIds: ['i-1'],
        user: { email: ann.email },
      });
    });

    test('duplicate ids are sent once', async () => {
      await accept({ json: { invitationIds: ['i-1', 'i-2', 'i-1'] } });
      expect(JSON.parse(upstream.arrivals[0]?.body ?? '').invitationIds).toEqual(['i-1', 'i-2']);
    });

    test.each([
      ['invitationIds', '/invitations/accept', {}],
      ['invitationIds', '/invitations/accept', { invitationIds: 'i-1' }],
      ['invitationIds', '/invitations/accept', { invitationIds: [] }],
      ['invitationIds', '/invitations/accept', { invitationIds: Array.from({ length: 101 }, (_, i) => `i-${i}`) }],
      ['invitationIds.1', '/invitations/accept', { invitationIds: ['i', 5] }],
      ['invitationIds.0', '/invitations/accept', { invitationIds: ['a/b'] }],
      ['invitationIds.0', '/invitations/accept', { invitationIds: ['..'] }],
      ['invitationIds.0', '/invitations/accept', { invitationIds: ['by-scope'] }],
      ['invitationIds.0', '/invitations/accept', { invitationIds: ['a\u0000'] }],
      ['user.email', '/invitations/accept', { invitationIds: ['i'], user: { email: 'nobody' } }],
      ['user.name', '/invitations/accept', { invitationIds: ['i'], user: { name: 'a\u0007' } }],
      ['user.isExisting', '/invitations/accept', { invitationIds: ['i'], user: { isExisting: 'yes' } }],
      ['target.type', '/invitations/accept', { invitationIds: ['i'], target: { type: 'username', value: 'ann' } }],
      ['target.value', '/invitations/accept', { invitationIds: ['i'], target: { type: 'phoneNumber', value: 'ann' } }],
      [
        'target',
        '/invitations/accept',
        { invitationIds: ['i'], user: {}, target: { type: 'email', value: ann.email } },
      ],
      ['context.scope', '/jwt', { context: { scope: 7 } }],
      ['target.value', '/invitations', newInvitation({ type: 'email', value: 'nobody' })],
      ['target.type', '/invitations', newInvitation({ type: 'pigeon', value: 'x' })],
      ['scopes.0.scopeId', '/invitations', { ...newInvitation(), scopes: [{ type: 'team' }] }],
      ['scopeId', '/invitations', { ...newInvitation(), scopeType: 'team' }],
      ['unfurlConfig.image', '/invitations', { ...newInvitation(), unfurlConfig: { image: 'http://x.example/i.png' } }],
      ['domains.0', '/invitations/autojoin', { scope: 's', scopeType: 't', componentId: 'c', domains: ['no domain'] }],
      ['componentId', '/invitations/autojoin', { scope: 's', scopeType: 't', domains: [] }],
      [
        'action',
        '/invitations/sync-internal-invitation',
        { creatorId: 'x', targetValue: 'u', action: 'maybe', componentId: 'c' },
      ],
    ])('%s is named in the 400 of POST %s with %j', async (field, path, body) => {
      const reply = await call('POST', path, json(body));
      expectRefusal(reply, 400, 'INVALID_REQUEST');
      expect(reply.json.issues).toMatchObject([{ path: field, message: expect.any(String) }]);
      expect(reply.json.error).toContain(field);
    });

    test('text arrives byte for byte', async () => {
      const body = {
        ...newInvitation({ type: 'email', value: "o'brien+tag@x.example", name: 'Zoe\u0308 <b> "𝒵" 👩‍👩‍👧' }),
        templateVariables: { note: 'line one\nline two' },
        metadata: { deep: { list: ['\t', "'"] } },
      };
      await call('POST', '/invitations', json(body));
      const { groups, inviter, ...rest } = JSON.parse(upstream.arrivals[0]?.body ?? '');
      const { scopes, ...sent } = body;
      expect(rest).toEqual(sent);
      expect(groups).toEqual([{ type: 'team', groupId: 'mine', name: 'Mine' }]);
      expect(inviter.name).toBe(ann.name);
    });

    test.each([
      ['groups', { groups: [{ type: 'team', groupId: 'g', name: 'G' }] }],
      [
        'groups before scopes',
        { groups: [{ type: 'team', groupId: 'g', name: 'G' }], scopes: [{ type: 'x', scopeId: 'y' }] },
      ],
      ['scopes', { scopes: [{ type: 'team', scopeId: 'g', name: 'G' }] }],
      ['a flat scope', { scopeId: 'g', scopeType: 'team', scopeName: 'G' }],
    ])('a scope given as %s', async (_, spelling) => {
      const { scopes, ...rest } = newInvitation();
      await call('POST', '/invitations', json({ ...rest, ...spelling }));
      expect(JSON.parse(upstream.arrivals[0]?.body ?? '').groups).toEqual([{ type: 'team', groupId: 'g', name: 'G' }]);
    });

    test('a webmail domain is refused by the upstream, whose words are passed on', async () => {
      const settings = { scope: 's', scopeType: 't', componentId: COMPONENT, domains: ['gmail.com'] };
      const reply = await call('POST', '/invitations/autojoin', json(settings));
      expectFailure(reply, 400, 'UPSTREAM_INVALID');
      expect(reply.json.error).toContain('gmail.com');
    });
  });
}
