import { expect, test } from 'vitest';
import { type ScriptedAnswer, startUpstream } from '../upstream.js';
import { json } from './data.js';
import type { Group } from './group.js';

const asJson = { 'content-type': 'application/json' };
const problem = (status: number, message: unknown): ScriptedAnswer => ({
  status,
  headers: asJson,
  body: JSON.stringify({ statusCode: status, message }),
});

export const upstreamAnswers: Group = {
  // Each runtime reads answers by its own transport, and each framework sends the status and headers of replies.
  of: 'seam',
  title: 'answers of the API',
  define({ upstream, call, expectFailure }) {
    test.each([
      [400, 400, 'UPSTREAM_INVALID'],
      [401, 502, 'UPSTREAM_AUTH'],
      [403, 502, 'UPSTREAM_AUTH'],
      [404, 404, 'NOT_FOUND'],
      [409, 409, 'UPSTREAM_CONFLICT'],
      [408, 502, 'UPSTREAM_ERROR'],
      [418, 502, 'UPSTREAM_ERROR'],
      [422, 422, 'UPSTREAM_UNPROCESSABLE'],
      [425, 502, 'UPSTREAM_ERROR'],
      [429, 429, 'RATE_LIMITED'],
      [500, 502, 'UPSTREAM_ERROR'],
      [503, 503, 'UPSTREAM_UNAVAILABLE'],
      [504, 504, 'UPSTREAM_TIMEOUT'],
    ])('an answer with status %i becomes a reply with %i %s', async (upstreamStatus, status, code) => {
      upstream.script(problem(upstreamStatus, `upstream words of ${upstreamStatus}`));
      const reply = await call('POST', '/invitations/i-1/reinvite');
      expectFailure(reply, status, code);
      const quoted = [400, 409, 422].includes(upstreamStatus);
      expect(reply.json.error.includes('upstream words')).toBe(quoted);
    });

    test('Retry-After of the API is passed on', async () => {
      upstream.script({ status: 429, headers: { 'retry-after': '7' } });
      expect((await call('POST', '/invitations/i-1/reinvite')).headers['retry-after']).toBe('7');
    });

    test.each<[string, ScriptedAnswer]>([
      ['204', { status: 204 }],
      ['200 without a body', { status: 200 }],
      ['200 with JSON', { status: 200, headers: asJson, body: '{"deleted":1}' }],
    ])('a revocation that the API answers %s has our documented JSON body', async (_, answer) => {
      upstream.script(answer);
      const reply = await call('DELETE', '/invitations/i-1');
      expect([reply.status, reply.json]).toEqual([200, { success: true }]);
    });

    test('a redirect to another origin is answered 502 and not followed', async () => {
      const elsewhere = await startUpstream();
      try {
        upstream.script({ status: 302, headers: { location: `${elsewhere.url}/api/v1/invitations/i-1` } });
        expectFailure(await call('GET', '/invitations/i-1'), 502, 'UPSTREAM_BAD_RESPONSE');
        expect(elsewhere.arrivals).toEqual([]);
      } finally {
        await elsewhere.close();
      }
    });
  },
};

export const upstreamContents: Group = {
  of: 'core',
  title: 'contents of the API’s answers',
  define({ upstream, call, expectFailure }) {
    test.each([
      ['that is short and printable is quoted', 'Zoë’s domain is taken', 'Zoë’s domain is taken'],
      ['that is a list is joined', ['one', 'two'], 'one; two'],
      ['over 200 characters is replaced', 'x'.repeat(201), undefined],
      ['with a line break is replaced', 'a\nb', undefined],
      ['that is not text is replaced', { a: 1 }, undefined],
    ])('a message %s', async (_, message, quoted = 'The Vortex API could not process the request.') => {
      upstream.script(problem(422, message));
      expect((await call('POST', '/invitations/i-1/reinvite')).json.error).toBe(quoted);
    });

    test('a message that repeats the API key reaches no caller', async () => {
      upstream.script(problem(400, `bad key ${upstream.apiKey}`));
      const reply = await call('POST', '/invitations/i-1/reinvite');
      expectFailure(reply, 400, 'UPSTREAM_INVALID');
      expect(reply.text).not.toContain(upstream.apiKey.split('.')[2]);
    });

    test.each<[string, ScriptedAnswer]>([
      ['HTML', { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>canary</h1>' }],
      ['broken JSON', { status: 200, headers: asJson, body: '{"canary":' }],
      ['an object of another shape', { status: 200, headers: asJson, body: '{"canary":1}' }],
      ['an array', { status: 200, headers: asJson, body: '["canary"]' }],
      ['no body', { status: 200, headers: asJson, body: '' }],
      ['null', { status: 200, headers: asJson, body: 'null' }],
      ['invitations without ids', { status: 200, headers: asJson, body: '{"invitations":[{"canary":1}]}' }],
    ])('an answer with %s in place of a list becomes 502 and is not repeated', async (_, answer) => {
      upstream.script(answer);
      const reply = await call('GET', '/invitations/by-scope/team/mine');
      expectFailure(reply, 502, 'UPSTREAM_BAD_RESPONSE');
      expect(reply.text).not.toContain('canary');
    });

    test('an acceptance that the API answers with a bare invitation is answered with a list of one', async () => {
      upstream.script({ status: 200, headers: asJson, body: '{"id":"i-1","status":"accepted"}' });
      const reply = await call('POST', '/invitations/accept', json({ invitationIds: ['i-1'] }));
      expect(reply.json).toEqual({ id: 'i-1', status: 'accepted', invitations: [{ id: 'i-1', status: 'accepted' }] });
    });
  },
};
