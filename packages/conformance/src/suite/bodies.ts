import { Agent, request as httpRequest } from 'node:http';
import { expect, test } from 'vitest';
import { USER_HEADER } from '../application.js';
import type { Sent } from '../http.js';
import { ann, COMPONENT, json, newInvitation } from './data.js';
import type { Group } from './group.js';

export const bodies: Group = {
  of: 'seam',
  title: 'bodies',
  define({ upstream, server, call, expectRefusal }) {
    const accept = (sent: Sent) => call('POST', '/invitations/accept', { user: ann, ...sent });
    const asJson = { 'content-type': 'application/json' };
    const valid = JSON.stringify({ invitationIds: ['i-1'] });

    test.each([
      ['POST', '/jwt', 200],
      ['POST', '/invitations/i-1/reinvite', 404],
      ['DELETE', '/invitations/i-1', 404],
      ['GET', '/invitations/by-scope/team/mine', 200],
    ])('%s %s without a body but with a JSON content type is answered %i', async (method, path, status) => {
      expect((await call(method, path, { user: ann, headers: asJson })).status).toBe(status);
    });

    test.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/a+b+json'])(
      'a body of type %s is read as JSON',
      async (type) => {
        await accept({ body: valid, headers: { 'content-type': type } });
        expect(upstream.arrivals).toHaveLength(1);
      },
    );

    test.each([
      ['an empty body', ''],
      ['a body of broken JSON', '{"invitationIds":'],
      ['a body that is a JSON string', '"invitationIds"'],
      ['a body that is a JSON array', '[]'],
      ['a body that is a JSON number', '1'],
      ['a body that is null', 'null'],
      ['a body of invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
      ['a body with a byte order mark', `\ufeff${valid}`],
      ['a body nested over 32 levels deep', `{"invitationIds":["i"],"x":${'['.repeat(40)}${']'.repeat(40)}}`],
    ])('%s is answered 400 if a JSON object is required', async (_, body) => {
      expectRefusal(await accept({ body, headers: asJson }), 400, 'INVALID_REQUEST');
    });

    test('a body over 64 kB is answered 413, with Content-Length and in chunks', async () => {
      const body = JSON.stringify({ invitationIds: ['i-1'], padding: 'x'.repeat(64 * 1024) });
      expectRefusal(await accept({ body, headers: asJson }), 413, 'PAYLOAD_TOO_LARGE');
      const chunked = await accept({ body, headers: { ...asJson, 'transfer-encoding': 'chunked' } });
      expectRefusal(chunked, 413, 'PAYLOAD_TOO_LARGE');
    });

    test('the next request on a connection is answered after a 413', async () => {
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
        // A server may close such a connection, but it must not leave the next request unanswered.
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
    ])('a body with Content-Type "%s" and the headers %o is answered 415', async (type, headers) => {
      const typed = type === '' ? headers : { 'content-type': type, ...headers };
      expectRefusal(await accept({ body: valid, headers: typed }), 415, 'UNSUPPORTED_MEDIA_TYPE');
    });

    test('__proto__ and constructor in a body change no object', async () => {
      const body = `{"invitationIds":["i-1"],"__proto__":{"user":{"email":"ben@orchard.example"}},"constructor":{"prototype":{"polluted":1}}}`;
      await accept({ body, headers: asJson });
      expect(JSON.parse(upstream.arrivals[0]?.body ?? '')).toEqual({
        invitationIds: ['i-1'],
        user: { email: ann.email },
      });
    });

    test('text reaches the API byte for byte', async () => {
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
  },
};

export const fields: Group = {
  of: 'core',
  title: 'fields of a body',
  define({ upstream, call, expectFailure, expectRefusal }) {
    test('duplicate invitation ids are sent once', async () => {
      await call('POST', '/invitations/accept', json({ invitationIds: ['i-1', 'i-2', 'i-1'] }));
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
      expect(reply.json.error).not.toContain(field);
    });

    test.each([
      ['groups', { groups: [{ type: 'team', groupId: 'g', name: 'G' }] }],
      [
        'groups beside scopes',
        { groups: [{ type: 'team', groupId: 'g', name: 'G' }], scopes: [{ type: 'x', scopeId: 'y' }] },
      ],
      ['scopes', { scopes: [{ type: 'team', scopeId: 'g', name: 'G' }] }],
      ['scopeId, scopeType and scopeName', { scopeId: 'g', scopeType: 'team', scopeName: 'G' }],
    ])('a scope given as %s reaches the API as groups', async (_, spelling) => {
      const { scopes, ...rest } = newInvitation();
      await call('POST', '/invitations', json({ ...rest, ...spelling }));
      expect(JSON.parse(upstream.arrivals[0]?.body ?? '').groups).toEqual([{ type: 'team', groupId: 'g', name: 'G' }]);
    });

    test('a scope without a name is named by its id', async () => {
      const { scopes, ...rest } = newInvitation();
      await call('POST', '/invitations', json({ ...rest, scopeId: 'g', scopeType: 'team' }));
      expect(JSON.parse(upstream.arrivals[0]?.body ?? '').groups).toEqual([{ type: 'team', groupId: 'g', name: 'g' }]);
    });

    test('the API’s refusal of a webmail domain is passed on in its own words', async () => {
      const settings = { scope: 's', scopeType: 't', componentId: COMPONENT, domains: ['gmail.com'] };
      const reply = await call('POST', '/invitations/autojoin', json(settings));
      expectFailure(reply, 400, 'UPSTREAM_INVALID');
      expect(reply.json.error).toContain('gmail.com');
    });
  },
};
