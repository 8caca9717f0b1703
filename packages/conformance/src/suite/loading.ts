import { describe, expect, test } from 'vitest';
import type { Sent } from '../http.js';
import { ann, json, newInvitation } from './data.js';
import type { Harness } from './harness.js';

export function loading({ upstream, call, invited, quiet, expectFailure, expectRefusal }: Harness): void {
  describe('a hook that loads the invitation', () => {
    test('decides by what it finds; the run does not fetch it again', async () => {
      const id = await invited();
      quiet();
      expect((await call('GET', `/invitations/${id}`, { user: ann, rule: 'load' })).status).toBe(200);
      expect(upstream.arrivals).toHaveLength(1);
      expect((await call('DELETE', `/invitations/${id}`, { user: ann, rule: 'load' })).status).toBe(200);
      expect(upstream.arrivals.map(({ method }) => method)).toEqual(['GET', 'GET', 'DELETE']);
    });

    test('may begin to load and deny without looking: the process lives on', async () => {
      const rule = 'load, but deny without looking';
      expectFailure(await call('DELETE', '/invitations/unknown', { user: ann, rule }), 403, 'FORBIDDEN');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await call('POST', '/jwt')).status).toBe(200);
    });

    test('cannot change what is run, however deep', async () => {
      const sent: Sent = { user: ann, rule: 'change what it sees', json: { invitationIds: ['i-1'] } };
      expectRefusal(await call('POST', '/invitations/accept', sent), 500, 'INTERNAL');
    });

    test('refuses another team’s', async () => {
      const other = { ...newInvitation(), scopes: [{ type: 'team', scopeId: 'theirs', name: 'Theirs' }] };
      const { id } = (await call('POST', '/invitations', json(other))).json;
      for (const [method, path] of [
        ['GET', ''],
        ['DELETE', ''],
        ['POST', '/reinvite'],
      ] as const) {
        expectFailure(await call(method, `/invitations/${id}${path}`, { user: ann, rule: 'load' }), 403, 'FORBIDDEN');
      }
      const both = { invitationIds: [await invited(), id] };
      const accepting = await call('POST', '/invitations/accept', { user: ann, rule: 'load', json: both });
      expectFailure(accepting, 403, 'FORBIDDEN');
      expect(upstream.emulator.invitations.some(({ status }) => status === 'accepted')).toBe(false);
    });

    test.each([
      [404, 404, 'NOT_FOUND'],
      [500, 502, 'UPSTREAM_ERROR'],
      [504, 504, 'UPSTREAM_TIMEOUT'],
    ])('passes on that loading failed: upstream %i is %i', async (upstreamStatus, status, code) => {
      upstream.script({ status: upstreamStatus });
      expectFailure(await call('DELETE', '/invitations/i-1', { user: ann, rule: 'load' }), status, code);
      expect(upstream.arrivals.every(({ method }) => method === 'GET')).toBe(true);
    });
  });
}
