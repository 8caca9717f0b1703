import { describe, expect, test } from 'vitest';
import { type ScriptedAnswer, startUpstream } from '../upstream.js';
import { json } from './data.js';
import type { Harness } from './harness.js';

export function upstreamAnswers({ upstream, call, expectFailure }: Harness): void {
  describe('what the upstream answers', () => {
    const asJson = { 'content-type': 'application/json' };
    const problem = (status: number, message: unknown): ScriptedAnswer => ({
      status,
      headers: asJson,
      body: JSON.stringify({ statusCode: status, message }),
    });

    test.each([
      [400, 400, 'UPSTREAM_INVALID'],
      [401, 502, 'UPSTREAM_AUTH'],
      [403, 502, 'UPSTREAM_AUTH'],
      [404, 404, 'NOT_FOUND'],
      [409, 409, 'UPSTREAM_CONFLICT'],
      [418, 502, 'UPSTREAM_ERROR'],
      [422, 422, 'UPSTREAM_UNPROCESSABLE'],
      [429, 429, 'RATE_LIMITED'],
      [500, 502, 'UPSTREAM_ERROR'],
      [503, 503, 'UPSTREAM_UNAVAILABLE'],
      [504, 504, 'UPSTREAM_TIMEOUT'],
    ])('%i becomes %i', async (upstreamStatus, status, code) => {
      upstream.script(problem(upstreamStatus, `upstream words of ${upstreamStatus}`));
      const reply = await call('POST', '/invitations/i-1/reinvite');
      expectFailure(reply, status, code);
      const quoted = [400, 409, 422].includes(upstreamStatus);
      expect(reply.json.error.includes('upstream words')).toBe(quoted);
    });

    test.each([
      ['short and printable', 'Zoë’s domain is taken', true],
      ['a list', ['one', 'two'], 'one; two'],
      ['over 200 characters', 'x'.repeat(201), false],
      ['with a line break', 'a\nb', false],
      ['not text', { a: 1 }, false],
    ])('a message that is %s', async (_, message, passed) => {
      upstream.script(problem(422, message));
      const { error } = (await call('POST', '/invitations/i-1/reinvite')).json;
      if (passed === false) expect(error).toBe('The Vortex API could not process the request.');
      else expect(error).toBe(passed === true ? message : passed);
    });

    test('our key is not repeated, whatever the upstream says', async () => {
      upstream.script(problem(400, `bad key ${upstream.apiKey}`));
      const reply = await call('POST', '/invitations/i-1/reinvite');
      expectFailure(reply, 400, 'UPSTREAM_INVALID');
      expect(reply.text).not.toContain(upstream.apiKey.split('.')[2]);
    });

    test('Retry-After is passed on', async () => {
      upstream.script({ status: 429, headers: { 'retry-after': '7' } });
      expect((await call('POST', '/invitations/i-1/reinvite')).headers['retry-after']).toBe('7');
    });

    test.each<[string, ScriptedAnswer]>([
      ['HTML', { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>canary</h1>' }],
      ['broken JSON', { status: 200, headers: asJson, body: '{"canary":' }],
      ['another shape', { status: 200, headers: asJson, body: '{"canary":1}' }],
      ['a list', { status: 200, headers: asJson, body: '["canary"]' }],
      ['nothing', { status: 200, headers: asJson, body: '' }],
      ['null', { status: 200, headers: asJson, body: 'null' }],
      ['invitations without ids', { status: 200, headers: asJson, body: '{"invitations":[{"canary":1}]}' }],
    ])('%s instead of a list: 502, and the body is not repeated', async (_, answer) => {
      upstream.script(answer);
      const reply = await call('GET', '/invitations/by-scope/team/mine');
      expectFailure(reply, 502, 'UPSTREAM_BAD_RESPONSE');
      expect(reply.text).not.toContain('canary');
    });

    test.each<[string, ScriptedAnswer]>([
      ['204', { status: 204 }],
      ['200 without a body', { status: 200 }],
      ['200 with JSON', { status: 200, headers: asJson, body: '{"deleted":1}' }],
    ])('%s to a revocation is our own JSON', async (_, answer) => {
      upstream.script(answer);
      const reply = await call('DELETE', '/invitations/i-1');
      expect([reply.status, reply.json]).toEqual([200, { success: true }]);
    });

    test('a redirect is not followed', async () => {
      const elsewhere = await startUpstream();
      try {
        upstream.script({ status: 302, headers: { location: `${elsewhere.url}/api/v1/invitations/i-1` } });
        expectFailure(await call('GET', '/invitations/i-1'), 502, 'UPSTREAM_BAD_RESPONSE');
        expect(elsewhere.arrivals).toEqual([]);
      } finally {
        await elsewhere.close();
      }
    });

    test('a bare invitation in answer to accept will do', async () => {
      upstream.script({ status: 200, headers: asJson, body: '{"id":"i-1","status":"accepted"}' });
      const reply = await call('POST', '/invitations/accept', json({ invitationIds: ['i-1'] }));
      expect(reply.json).toEqual({ id: 'i-1', status: 'accepted', invitations: [{ id: 'i-1', status: 'accepted' }] });
    });
  });
}
