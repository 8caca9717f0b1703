import { expect, test } from 'vitest';
import type { Sent } from '../http.js';
import { ann, json, newInvitation } from './data.js';
import type { Group } from './group.js';

export const unusedLoading: Group = {
  // Each runtime has its own way to treat a rejection that is not handled.
  of: 'seam',
  title: 'a rule that loads an invitation without waiting',
  define({ call, expectFailure }) {
    test('a rule that denies before the load fails is answered 403, and the process keeps running', async () => {
      const rule = 'load, but deny without looking';
      expectFailure(await call('DELETE', '/invitations/unknown', { user: ann, rule }), 403, 'FORBIDDEN');
      // Each of these goes to the API and back, so the load that was not awaited has failed before the last one ends.
      for (let count = 0; count < 3; count += 1) {
        expect((await call('GET', '/invitations/by-scope/team/mine')).status).toBe(200);
      }
    });
  },
};

export const loading: Group = {
  of: 'core',
  title: 'a rule that loads invitations',
  define({ upstream, call, invited, quiet, expectFailure, expectRefusal }) {
    test('a loaded invitation is not fetched again to answer the request', async () => {
      const id = await invited();
      quiet();
      expect((await call('GET', `/invitations/${id}`, { user: ann, rule: 'load' })).status).toBe(200);
      expect(upstream.arrivals).toHaveLength(1);
      expect((await call('DELETE', `/invitations/${id}`, { user: ann, rule: 'load' })).status).toBe(200);
      expect(upstream.arrivals.map(({ method }) => method)).toEqual(['GET', 'GET', 'DELETE']);
    });

    test('a rule that changes the operation is answered 500', async () => {
      const sent: Sent = { user: ann, rule: 'change the operation', json: { invitationIds: ['i-1'] } };
      expectRefusal(await call('POST', '/invitations/accept', sent), 500, 'INTERNAL');
    });

    test('a rule can refuse invitations of another team by their scopes', async () => {
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
    ])('a load that the API answers %i is answered %i %s', async (upstreamStatus, status, code) => {
      upstream.script({ status: upstreamStatus });
      expectFailure(await call('DELETE', '/invitations/i-1', { user: ann, rule: 'load' }), status, code);
      expect(upstream.arrivals.every(({ method }) => method === 'GET')).toBe(true);
    });
  },
};
