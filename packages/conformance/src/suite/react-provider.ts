import { expect, test } from 'vitest';
import type { Sent } from '../http.js';
import { ann } from './data.js';
import type { Group } from './group.js';
import type { Harness } from './harness.js';

export const reactProvider: Group = {
  of: 'seam',
  title: 'the vendor’s React provider',
  define({ upstream, server, callAt, invited }) {
    const asProvider = async (user: unknown = ann) => provider(callAt, `${(await server()).url}/api/vortex`, user);

    test('the provider decodes a token, with a context and without one', async () => {
      const { refreshJwt } = await asProvider({ ...ann, adminScopes: ['autojoin'] });
      for (const context of [undefined, { componentId: 'c', scope: 's', scopeType: 'team' }, {}]) {
        const { claims } = await refreshJwt(context);
        expect(claims).toMatchObject({
          userId: ann.id,
          userEmail: ann.email,
          adminScopes: ['autojoin'],
          identifiers: [{ type: 'email', value: ann.email }],
          role: 'admin',
        });
        expect(claims.name).toBe(ann.name);
      }
    });

    test('the provider lists, reads, sends again and revokes an invitation', async () => {
      const { getInvitationsByTarget, getInvitationsByGroup, getInvitation, reinvite, revokeInvitation } =
        await asProvider();
      const id = await invited();
      expect(await getInvitationsByTarget('email', ann.email)).toMatchObject([{ id }]);
      expect(await getInvitationsByGroup('team', 'mine')).toMatchObject([{ id }]);
      expect(await getInvitation(id)).toMatchObject({ id, deliveryCount: 1 });
      expect(await reinvite(id)).toMatchObject({ id, deliveryCount: 2 });
      expect(await revokeInvitation(id)).toEqual({ success: true });
    });

    test('the provider deletes the invitations of a group', async () => {
      await invited();
      const { deleteInvitationsByGroup, getInvitationsByGroup } = await asProvider();
      expect(await deleteInvitationsByGroup('team', 'mine')).toEqual({ success: true });
      expect(await getInvitationsByGroup('team', 'mine')).toEqual([]);
    });

    test.each([
      ['email', ann.email],
      ['phoneNumber', ann.phone],
    ])('the provider accepts an invitation with a target of type %s', async (type, value) => {
      const id = await invited({ type: type === 'email' ? 'email' : 'phone', value });
      const { acceptInvitations } = await asProvider();
      expect(await acceptInvitations([id], { type, value })).toMatchObject({ id, status: 'accepted' });
    });

    test('the provider gets a sentence if a username accepts', async () => {
      const { acceptInvitations } = await asProvider();
      await expect(acceptInvitations(['i-1'], { type: 'username', value: 'ann' })).rejects.toThrow(
        /^The request is not valid\.$/u,
      );
      expect(upstream.arrivals).toEqual([]);
    });

    test('a lookup by username is passed to the API', async () => {
      const { getInvitationsByTarget } = await asProvider();
      expect(await getInvitationsByTarget('username', 'ann')).toEqual([]);
      expect(upstream.arrivals).toHaveLength(1);
    });

    test('the provider gets a sentence that says that the caller is signed out', async () => {
      const { refreshJwt } = await asProvider(null);
      await expect(refreshJwt()).rejects.toThrow('Sign in first.');
    });
  },
};

/**
 * Makes the calls of the vendor's React provider as a browser sends them, and reads replies as the provider does: every
 * call says `Content-Type: application/json`, with a body or without; every reply must be JSON; a token is decoded by
 * plain `atob`.
 */
function provider(callAt: Harness['callAt'], base: string, user: unknown) {
  const call = async (method: string, path: string, body?: unknown) => {
    const sent: Sent = {
      user,
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const { status, text } = await callAt(base, method, path, sent);
    const data = JSON.parse(text);
    if (status < 200 || status > 299) throw new Error(data.error ? data.error : `HTTP ${status}`);
    return data.data === undefined ? data : data.data;
  };
  const part = encodeURIComponent;
  return {
    refreshJwt: async (context?: object) => {
      const { jwt } = await call('POST', '/jwt', context && { context });
      return { jwt, claims: JSON.parse(atob(jwt.split('.')[1])) };
    },
    getInvitationsByTarget: async (type: string, value: string) =>
      (await call('GET', `/invitations?targetType=${part(type)}&targetValue=${part(value)}`)).invitations,
    getInvitation: (id: string) => call('GET', `/invitations/${part(id)}`),
    revokeInvitation: (id: string) => call('DELETE', `/invitations/${id}`),
    acceptInvitations: (invitationIds: string[], target: { type: string; value: string }) =>
      call('POST', '/invitations/accept', { invitationIds, target }),
    getInvitationsByGroup: async (type: string, id: string) =>
      (await call('GET', `/invitations/by-group/${type}/${id}`)).invitations,
    deleteInvitationsByGroup: (type: string, id: string) => call('DELETE', `/invitations/by-group/${type}/${id}`),
    reinvite: (id: string) => call('POST', `/invitations/${id}/reinvite`),
  };
}
