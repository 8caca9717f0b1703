import { invitationState } from '@vortex/browser';
import { invitationState as invitationStateOfCore, VortexClient } from '@vortex/core';
import { startEmulator } from '@vortex/emulator';
import { expect, test } from 'vitest';

const HOUR = 3_600_000;
const at = (offset: number) => new Date(Date.now() + offset).toISOString();

test.each([
  ['open', { status: 'sent', deactivated: false, expired: false, expires: at(HOUR) }],
  ['open', {}],
  ['open', { expires: null }],
  ['accepted', { status: 'accepted' }],
  ['accepted', { status: 'accepted', deactivated: true, expired: true }],
  ['accepted', { status: 'accepted_elsewhere', invitationType: 'single_use' }],
  ['open', { status: 'accepted', invitationType: 'multi_use' }],
  ['open', { status: 'accepted', invitationType: 'autojoin' }],
  ['revoked', { deactivated: true }],
  ['revoked', { deactivated: true, expired: false, expires: at(HOUR) }],
  ['expired', { deactivated: true, expired: true }],
  ['expired', { expired: true }],
  ['expired', { deactivated: true, expires: at(-HOUR) }],
])('an invitation is %s with the fields %j', (state, fields) => {
  expect(invitationState(fields)).toBe(state);
});

test('the rules of @vortex/browser and @vortex/core agree on every combination of fields', () => {
  const values = {
    status: [undefined, 'queued', 'sent', 'accepted', 'accepted_elsewhere'],
    invitationType: [undefined, 'single_use', 'multi_use', 'autojoin'],
    deactivated: [undefined, false, true],
    expired: [undefined, false, true],
    expires: [undefined, null, at(-HOUR), at(HOUR), 'no date'],
  };
  let all: Record<string, unknown>[] = [{}];
  for (const [name, options] of Object.entries(values)) {
    all = all.flatMap((one) => options.map((value) => (value === undefined ? one : { ...one, [name]: value })));
  }
  for (const fields of all) expect(invitationState(fields), JSON.stringify(fields)).toBe(invitationStateOfCore(fields));
});

test('an invitation of the API is open, then revoked, accepted or expired', async () => {
  let now = Date.now();
  const emulator = await startEmulator({ now: () => now });
  const api = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  const invite = async (to: string) => {
    const target = { type: 'email' as const, value: to };
    return (await api.createInvitation({ widgetConfigurationId: 'w', target, inviter: { userId: 'u' } })).id;
  };
  const stateOf = async (id: string) => invitationState(await api.getInvitation(id));
  const revoked = await invite('a@b.example');
  expect(await stateOf(revoked)).toBe('open');
  await api.revokeInvitation(revoked);
  expect(await stateOf(revoked)).toBe('revoked');
  const accepted = await invite('c@d.example');
  await api.acceptInvitation(accepted, { email: 'c@d.example' });
  expect(await stateOf(accepted)).toBe('accepted');
  const expired = await invite('e@f.example');
  now += 365 * 24 * HOUR;
  expect(await stateOf(expired)).toBe('expired');
  await emulator.close();
});
