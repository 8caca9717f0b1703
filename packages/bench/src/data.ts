/** Defines the made-up, constant data that all contenders share. */
import { createHmac } from 'node:crypto';

export const API_KEY = 'VRTX.AAAAAAAAQACAAAAAAAAAAQ.a-secret-of-the-benchmark';
export const WEBHOOK_SECRET = 'whsec_of-the-benchmark';

/**
 * Milliseconds, for each call of ours to the upstream. With the default, single lists of 10,000 are sometimes answered with 504: see
 * the README.
 */
export const TIMEOUT = 60_000;

export const USER = {
  id: 'user-1',
  email: 'ada@example.com',
  name: 'Ada Lindqvist',
  avatarUrl: 'https://example.com/ada.png',
  adminScopes: ['autojoin'],
};

const USERS = Array.from({ length: 256 }, (_, index) => ({ ...USER, id: `user-${index + 1}` }));
let turn = 0;

/** Returns another user for each request: one user alone gets three quarters of `maxInFlight`. */
export function nextUser(): typeof USER {
  turn = (turn + 1) % USERS.length;
  return USERS[turn] ?? USER;
}

/** Builds an invitation. Its JSON has about 920 bytes, like one from the API. */
export function invitation(number: number) {
  const id = `7d4f1c0e-6b1a-4f0e-9c5d-${String(number).padStart(12, '0')}`;
  return {
    id,
    accountId: '2b1f0c5e-1111-4222-8333-944445555666',
    projectId: '2b1f0c5e-1111-4222-8333-944445555667',
    deploymentId: '2b1f0c5e-1111-4222-8333-944445555668',
    widgetConfigurationId: '2b1f0c5e-1111-4222-8333-944445555669',
    status: 'delivered',
    invitationType: 'single_use',
    foreignCreatorId: 'user-1',
    target: [{ type: 'email', value: `invitee-${number}@example.com`, name: 'Zoë Hart', avatarUrl: null }],
    groups: [
      {
        id: '5e1d7a52-0000-4000-8000-000000000001',
        accountId: '2b1f0c5e-1111-4222-8333-944445555666',
        groupId: 'team-1',
        type: 'team',
        name: 'Engineering',
        createdAt: '2026-01-01T00:00:00.000Z',
      },
    ],
    deactivated: false,
    expired: false,
    expires: '2026-12-31T00:00:00.000Z',
    createdAt: '2026-01-01T00:00:00.000Z',
    modifiedAt: null,
    deliveryTypes: ['email'],
    deliveryCount: 1,
    clickThroughs: 0,
    views: 0,
    accepts: [],
    attributes: { plan: 'pro' },
    passThrough: null,
    source: 'backend',
  };
}

/** Builds a webhook of 2 kB. Each has a unique id, because duplicates are not handled again. */
export function webhook(number: number): { body: string; signature: string } {
  const event = {
    id: `7d4f1c0e-6b1a-4f0e-9c5d-${String(number).padStart(12, '0')}`,
    type: 'invitation.accepted',
    timestamp: '2026-01-01T00:00:00.000Z',
    accountId: '2b1f0c5e-1111-4222-8333-944445555666',
    environmentId: '2b1f0c5e-1111-4222-8333-944445555670',
    sourceTable: 'invitations',
    operation: 'update',
    data: { invitation: invitation(number), note: 'x'.repeat(910) },
  };
  const body = JSON.stringify(event);
  return { body, signature: createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex') };
}
