import { expect, test } from 'vitest';
import { ann, COMPONENT, json } from './data.js';
import type { Group } from './group.js';

export const mainJob: Group = {
  of: 'seam',
  title: 'the main job',
  define({ upstream, call, invited }) {
    test('an invitation is created, listed, read, sent again and accepted, each by one API call with the key', async () => {
      const id = await invited();
      const list = await call('GET', '/invitations/by-scope/team/mine');
      const mine = await call('GET', `/invitations?targetType=email&targetValue=${encodeURIComponent(ann.email)}`);
      const one = await call('GET', `/invitations/${id}`);
      const again = await call('POST', `/invitations/${id}/reinvite`);
      const accepted = await call('POST', '/invitations/accept', json({ invitationIds: [id] }));

      for (const reply of [list, mine, one, again, accepted]) {
        expect(reply.status, reply.text).toBe(200);
        expect(reply.headers['cache-control']).toBe('no-store');
      }
      expect(list.json.invitations).toMatchObject([{ id, scopes: [{ scopeId: 'mine', groupId: 'mine' }] }]);
      expect(mine.json.invitations).toMatchObject([{ id, target: [{ value: ann.email }] }]);
      expect(one.json).toMatchObject({ id, deliveryCount: 1 });
      expect(again.json).toMatchObject({ id, deliveryCount: 2 });
      expect(accepted.json).toMatchObject({ id, status: 'accepted', invitations: [{ id }] });
      expect(upstream.arrivals.map(({ method, target }) => `${method} ${target}`)).toEqual([
        'POST /api/v1/invitations',
        'GET /api/v1/invitations/by-scope/team/mine',
        `GET /api/v1/invitations?targetType=email&targetValue=ann.o%27neil%40harbor.example`,
        `GET /api/v1/invitations/${id}`,
        `POST /api/v1/invitations/${id}/reinvite`,
        'POST /api/v1/invitations/accept',
      ]);
      expect(upstream.arrivals.every(({ headers }) => headers['x-api-key'] === upstream.apiKey)).toBe(true);
    });

    test('revoking one invitation, and all invitations of a scope, is answered with JSON', async () => {
      const id = await invited();
      await invited();
      const one = await call('DELETE', `/invitations/${id}`);
      const all = await call('DELETE', '/invitations/by-scope/team/mine');
      expect([one.status, one.json, all.status, all.json]).toEqual([200, { success: true }, 200, { success: true }]);
      expect((await call('GET', '/invitations/by-scope/team/mine')).json).toEqual({ invitations: [] });
    });

    test('by-group paths of older frontends work as by-scope paths', async () => {
      const id = await invited();
      const autojoin = await call('GET', '/invitations/by-group/team/mine/autojoin');
      expect(autojoin.json).toEqual((await call('GET', '/invitations/by-scope/team/mine/autojoin')).json);
      const list = await call('GET', '/invitations/by-group/team/mine');
      expect(list.json.invitations).toMatchObject([{ id }]);
      expect((await call('DELETE', '/invitations/by-group/team/mine')).json).toEqual({ success: true });
      expect(upstream.arrivals.at(-1)?.target).toBe('/api/v1/invitations/by-scope/team/mine');
    });

    test('the list of a scope continues at start', async () => {
      for (let count = 0; count < 21; count += 1) await invited();
      const rest = await call('GET', '/invitations/by-scope/team/mine?start=20');
      expect(rest.json.invitations).toHaveLength(1);
    });

    test('autojoin domains are configured and read', async () => {
      const settings = { scope: 'mine', scopeType: 'team', domains: ['harbor.example'], componentId: COMPONENT };
      const set = await call('POST', '/invitations/autojoin', json(settings));
      const read = await call('GET', '/invitations/by-scope/team/mine/autojoin');
      expect(set.json.autojoinDomains).toMatchObject([{ domain: 'harbor.example' }]);
      expect(read.json).toEqual(set.json);
    });

    test('the decision about an internal invitation is passed on', async () => {
      const id = await invited({ type: 'internal', value: ann.id });
      const decision = { creatorId: ann.id, targetValue: ann.id, action: 'accepted', componentId: COMPONENT };
      const decided = await call('POST', '/invitations/sync-internal-invitation', json(decision));
      expect(decided.json).toEqual({ processed: 1, invitationIds: [id] });
    });

    test('HEAD is answered as GET without a body', async () => {
      const id = await invited();
      const head = await call('HEAD', `/invitations/${id}`);
      expect([head.status, head.text]).toEqual([200, '']);
      expect(head.headers['content-type']).toMatch(/^application\/json/u);
    });
  },
};
