/** Tests the rules of the README with the newest answer of the REST API, which has `scope` and `scopeType` but no `groups`. */
import { type Emulator, startEmulator } from '@vortex/emulator';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { COMPONENT } from './data.js';
import type { Group } from './group.js';

const admin = { id: 'u-admin', email: 'admin@harbor.example', adminOf: ['harbor'] };
const bo = { id: 'u-bo', email: 'bo@Harbor.example' };

export const newestShape: Group = {
  of: 'seam',
  title: 'the newest REST answer',
  define({ call, expectFailure }) {
    let emulator: Emulator;
    beforeAll(async () => {
      emulator = await startEmulator({ shape: 3 });
    });
    afterEach(() => emulator.reset());
    afterAll(() => emulator.close());

    const under = async (route: string, user: object, json?: object) => {
      const [method = '', path = ''] = route.split(' ');
      const { apiKey, url: baseUrl } = emulator;
      const settings = { apiKey, baseUrl, readmeRules: true };
      return call(method, path, { user, ...(json && { json }) }, settings);
    };
    const accept = (user: object, ...invitationIds: string[]) =>
      under('POST /invitations/accept', user, { invitationIds });

    const post = async (path: string, body: object) => {
      const response = await fetch(`${emulator.url}/api/v1${path}`, {
        method: 'POST',
        headers: { 'x-api-key': emulator.apiKey },
        body: JSON.stringify(body),
      });
      expect(response.ok).toBe(true);
      return response.json();
    };
    const invited = async (
      type: string,
      value: string,
      groups = [{ type: 'team', groupId: 'harbor', name: 'Harbor' }],
    ) => {
      const inviter = { userId: 'u-inviter' };
      const body = { widgetConfigurationId: COMPONENT, target: { type, value }, inviter, groups };
      return ((await post('/invitations', body)) as { id: string }).id;
    };
    const autojoin = async (...domains: string[]) => {
      const body = { scope: 'harbor', scopeType: 'team', componentId: COMPONENT, domains };
      return ((await post('/invitations/autojoin', body)) as { invitation: { id: string } }).invitation.id;
    };
    const acceptances = () => emulator.invitations.flatMap(({ accepts }) => accepts.map(({ email }) => email));

    test('an admin of the team revokes its invitation', async () => {
      const id = await invited('email', bo.email);
      expect((await under(`DELETE /invitations/${id}`, admin)).json).toEqual({ success: true });
      expect(emulator.invitations).toMatchObject([{ id, deactivated: true }]);
    });

    test.each<[string, object, { type: string; groupId: string; name: string }[] | undefined]>([
      ['a user who is not an admin', bo, undefined],
      ['an admin of another team', { ...admin, adminOf: ['orchard'] }, undefined],
      ['an admin, if the scope is of another type', admin, [{ type: 'project', groupId: 'harbor', name: 'Harbor' }]],
      ['an admin, if the invitation has no scope', admin, []],
    ])('%s cannot revoke the invitation', async (_, user, groups) => {
      const id = await invited('email', 'eve@orchard.example', groups);
      expectFailure(await under(`DELETE /invitations/${id}`, user), 403, 'FORBIDDEN');
      expect(emulator.invitations).toMatchObject([{ id, deactivated: false }]);
    });

    test('the invitee accepts, and the reply has the scopes', async () => {
      const id = await invited('email', bo.email);
      const { json } = await accept(bo, id);
      expect(json).toMatchObject({ id, status: 'accepted', scopes: [{ type: 'team', scopeId: 'harbor' }] });
      expect(acceptances()).toEqual([bo.email]);
    });

    test('a user with a verified address of the domain accepts the autojoin invitation', async () => {
      const id = await autojoin('harbor.example');
      expect((await accept(bo, id)).json).toMatchObject({ id, invitationType: 'autojoin' });
      const other = { id: 'u-2', email: 'ada@private.example', addresses: ['ada@harbor.example'] };
      expect((await accept(other, id)).status).toBe(200);
      expect(acceptances()).toEqual([bo.email, other.email]);
    });

    test('every user accepts a share link', async () => {
      const id = await invited('share', 'link');
      for (const user of [bo, { id: 'u-eve', email: 'eve@orchard.example' }]) {
        expect((await accept(user, id)).json).toMatchObject({ id, invitationType: 'multi_use' });
      }
    });

    test.each<[string, object]>([
      ['an address of another domain', { id: 'u-eve', email: 'eve@orchard.example' }],
      ['an address of a subdomain', { id: 'u-eve', email: 'eve@sub.harbor.example' }],
      ['an address that only ends like the domain', { id: 'u-eve', email: 'eve@notharbor.example' }],
      ['a verified phone number only', { id: 'u-eve', phone: '+49 30 1234' }],
    ])('a user with %s cannot accept an autojoin invitation', async (_, user) => {
      const id = await autojoin('harbor.example');
      expectFailure(await accept(user, id), 403, 'FORBIDDEN');
      expect(acceptances()).toEqual([]);
    });

    test('a user cannot accept an autojoin invitation with an address that is not verified', async () => {
      const id = await autojoin('harbor.example');
      for (const user of [{ id: 'u-eve' }, { id: 'u-eve', email: 'eve@orchard.example' }]) {
        const body = { invitationIds: [id], user: { email: 'eve@harbor.example' } };
        expectFailure(await under('POST /invitations/accept', user, body), 403, 'IDENTITY_MISMATCH');
      }
      expectFailure(await accept({ id: 'u-eve', email: null }, id), 403, 'IDENTITY_MISMATCH');
      expect(acceptances()).toEqual([]);
    });

    test('a user cannot accept the e-mail invitation of another person, alone or among others', async () => {
      const foreign = await invited('email', 'eve@harbor.example');
      const own = await invited('email', bo.email);
      const others = [own, await autojoin('harbor.example'), await invited('share', 'link')];
      for (const ids of [[foreign], [foreign, ...others], [...others, foreign]]) {
        expectFailure(await accept(bo, ...ids), 403, 'FORBIDDEN');
      }
      expect(acceptances()).toEqual([]);
      expect((await accept(bo, ...others)).status).toBe(200);
    });

    test('a user cannot accept a share link that is revoked, or an autojoin invitation that is off', async () => {
      const link = await invited('share', 'link');
      const joining = await autojoin('harbor.example');
      await under(`DELETE /invitations/${link}`, admin);
      await autojoin();
      for (const id of [link, joining]) expectFailure(await accept(bo, id), 403, 'FORBIDDEN');
      expect(acceptances()).toEqual([]);
    });
  },
};
