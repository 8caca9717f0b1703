/** Suggestions for misspelt options and operations. */
import { memoryStore, VortexClient, VortexWebhooks } from '@vortex/core';
import { createRoutes, createWebhookEndpoint } from '@vortex/core/adapter';
import { redisStore } from '@vortex/core/redis';
import { expect, test } from 'vitest';

const KEY = 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.made-up-Secret';
const mount = { apiKey: KEY, authenticateUser: () => null, authorizeOperation: {} };

test.each<[string, string, () => unknown]>([
  ['a mount, with two letters swapped', 'csrf', () => createRoutes({ ...mount, csfr: 'off' } as never)],
  ['a mount', 'hookTimeout', () => createRoutes({ ...mount, hookTimout: 5 } as never)],
  ['a mount, in another spelling', 'trustedOrigins', () => createRoutes({ ...mount, trusted_origins: [] } as never)],
  [
    'a map of rules',
    'GET_INVITATIONS',
    () => createRoutes({ ...mount, authorizeOperation: { getInvitations: true } } as never),
  ],
  ['a map of hooks', 'REINVITE', () => createRoutes({ ...mount, onSuccess: { REINVITED: () => {} } } as never)],
  ['a client', 'maxInFlight', () => new VortexClient(KEY, { maxInflight: 5 } as never)],
  ['a webhook mount', 'answerWithin', () => createWebhookEndpoint({ secret: 's', answerWithn: 5 } as never)],
  ['VortexWebhooks', 'maxAge', () => new VortexWebhooks({ secret: 's', max_age: 5 } as never)],
  ['the store in memory', 'maxEvents', () => memoryStore({ maxEvent: 5 } as never)],
  ['the store in Redis', 'retention', () => redisStore({ eval: async () => 'new' }, { retentions: 5 } as never)],
  ['a mount, as of the vendor', 'baseUrl', () => createRoutes({ ...mount, apiBaseUrl: 'x' } as never)],
  ['a mount, as of Rails', 'authorizeOperation', () => createRoutes({ ...mount, authorize: 5 } as never)],
  [
    'a mount, as a hook of the vendor',
    'authorizeOperation.REVOKE_INVITATION',
    () => createRoutes({ ...mount, canDeleteInvitation: () => true } as never),
  ],
  [
    'a mount, as a hook of the vendor for the token',
    'jwt.attributes',
    () => createRoutes({ ...mount, generateJwtAttributes: () => ({}) } as never),
  ],
  ['a mount, without the object around it', 'jwt.expiresIn', () => createRoutes({ ...mount, expiresIn: 5 } as never)],
  [
    'a map of rules, as a hook of the vendor',
    'GET_GROUP_INVITATIONS',
    () => createRoutes({ ...mount, authorizeOperation: { canAccessInvitationsByGroup: true } } as never),
  ],
  [
    'a map of rules, by another word',
    'REVOKE_INVITATION',
    () => createRoutes({ ...mount, authorizeOperation: { DELETE_INVITATION: true } } as never),
  ],
  [
    'a map of rules, by a short word for CREATE_INVITATION',
    'CREATE_INVITATION',
    () => createRoutes({ ...mount, authorizeOperation: { INVITE: true } } as never),
  ],
  [
    'a map of rules, by a shorter word',
    'GET_INVITATION',
    () => createRoutes({ ...mount, authorizeOperation: { GET_INVITE: true } } as never),
  ],
  ['actAs', 'ACCEPT_INVITATIONS', () => createRoutes({ ...mount, actAs: { acceptInvitations: 'anyone' } } as never)],
  ['VortexWebhooks, as elsewhere', 'maxAge', () => new VortexWebhooks({ secret: 's', tolerance: 300 } as never)],
])('a misspelt name for %s is refused with %s as the suggestion', (_, suggestion, build) => {
  expect(build).toThrow(
    expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining(`Did you mean ${suggestion}?`) }),
  );
});

test('a name that is like no other is refused without a suggestion', () => {
  expect(() => createRoutes({ ...mount, colour: 'red' } as never)).toThrow(
    /^colour is not an option\. The options are apiKey, /u,
  );
});

// cspell:ignore sortre
// Three changes away from `store`: only two neighbours that are swapped count as one change.
test('a name with more than a third of its letters changed is refused without a suggestion', () => {
  const build = () => createWebhookEndpoint({ secret: 's', sortre: 5 } as never);
  expect(build).toThrow(/^sortre is not an option\. The options are secret, /u);
});

test('an instance of a class as authorizeOperation is refused with what to write', () => {
  class Policy {
    jwt() {
      return true;
    }
  }
  expect(() => createRoutes({ ...mount, authorizeOperation: new Policy() as never })).toThrow(/instance of Policy/u);
});
