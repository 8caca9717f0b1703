/** The types of the options. The compiler is the judge: `tsc -b` fails where one changes, and nothing has to run. */
import type { AcceptedInvitations, Invitation, RuleMap, VortexMountOptions } from '@vortex/core';
import { openApiDocument } from '@vortex/core/openapi';
import { transactionalStore } from '@vortex/core/sql';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import type { Request } from 'express';
import { expectTypeOf, test } from 'vitest';

interface Account {
  id: string;
  email: string;
  plan: 'free' | 'pro';
}
declare const find: (request: Request) => Promise<Account | null>;
const compiles = (build: () => unknown) => expectTypeOf(build).toBeFunction();

test('hooks get the user of authenticateUser and the request of Express', () => {
  compiles(() =>
    vortexRouter({
      apiKey: process.env.VORTEX_API_KEY,
      authenticateUser: (request) => find(request),
      authorizeOperation: {
        JWT: true,
        GET_INVITATIONS: (op) => op.self,
        REVOKE_INVITATION: async (op, user, request) => {
          expectTypeOf(op.invitationId).toEqualTypeOf<string>();
          expectTypeOf(op.loadInvitation).returns.resolves.toEqualTypeOf<Invitation>();
          expectTypeOf(user).toEqualTypeOf<Account>();
          expectTypeOf(request).toEqualTypeOf<Request>();
          return user.plan === 'pro';
        },
        ACCEPT_INVITATIONS: async (op) => {
          expectTypeOf(op.self).toEqualTypeOf<boolean>();
          expectTypeOf(op.loadInvitations).returns.resolves.toEqualTypeOf<Invitation[]>();
          return op.invitationIds.length === 1;
        },
        CREATE_INVITATION: (op) => op.scopes.every(({ type, scopeId }) => type === 'team' && scopeId !== ''),
      },
      jwt: { attributes: (op, user) => ({ plan: user.plan, scope: op.context?.scope }) },
      onSuccess: {
        ACCEPT_INVITATIONS: ({ op, result, user }) => {
          expectTypeOf(op.name).toEqualTypeOf<'ACCEPT_INVITATIONS'>();
          expectTypeOf(result).toEqualTypeOf<AcceptedInvitations>();
          expectTypeOf(user).toEqualTypeOf<Account>();
        },
      },
    }),
  );
});

test('rules of another module fit the user of authenticateUser, and no other', () => {
  const rules = { JWT: true, REINVITE: (_op: unknown, user: Account) => user.plan === 'pro' } as const;
  const map: RuleMap<Account> = rules;
  compiles(() => vortexRouter({ apiKey: 'k', authenticateUser: (req) => find(req), authorizeOperation: rules }));
  compiles(() => vortexRouter({ apiKey: 'k', authenticateUser: (req) => find(req), authorizeOperation: map }));
  // @ts-expect-error the user has no plan
  compiles(() => vortexRouter({ apiKey: 'k', authenticateUser: (_req) => ({ id: 1 }), authorizeOperation: rules }));
  // @ts-expect-error the user has no plan
  compiles(() => vortexRouter({ apiKey: 'k', authenticateUser: (_req) => ({ id: 1 }), authorizeOperation: map }));
});

test('a rule that is one function narrows the operation by op.name', () => {
  compiles(() =>
    vortexRouter({
      apiKey: 'k',
      authenticateUser: () => ({ id: 1 }),
      authorizeOperation: (op, user) => {
        expectTypeOf(user.id).toEqualTypeOf<number>();
        // @ts-expect-error not every operation has an invitation
        op.invitationId;
        if (op.name === 'REINVITE') return op.invitationId !== '';
        if (op.name === 'GET_GROUP_INVITATIONS') return op.scope !== op.scopeType && op.start !== 0;
        // @ts-expect-error no operation has this name
        return op.name === 'REINVIT';
      },
    }),
  );
});

test('options with a mistake do not compile', () => {
  const user = { apiKey: 'k', authenticateUser: () => ({ id: 'u' }) };
  compiles(() => vortexRouter({ ...user, authorizeOperation: { JWT: true } }));
  // @ts-expect-error a misspelt operation
  compiles(() => vortexRouter({ ...user, authorizeOperation: { JTW: true } }));
  // @ts-expect-error no rules
  compiles(() => vortexRouter({ ...user }));
  // @ts-expect-error authenticateUser is missing
  compiles(() => vortexRouter({ apiKey: 'k', authorizeOperation: { JWT: true } }));
  const idless = () => ({ email: 'a@b.example' });
  // @ts-expect-error a user without id
  compiles(() => vortexRouter({ apiKey: 'k', authenticateUser: idless, authorizeOperation: {} }));
  const textScopes = () => ({ id: 1, adminScopes: 'autojoin' });
  // @ts-expect-error adminScopes are a list
  compiles(() => vortexRouter({ apiKey: 'k', authenticateUser: textScopes, authorizeOperation: {} }));
  // @ts-expect-error a rule answers true or false
  compiles(() => vortexRouter({ ...user, authorizeOperation: { JWT: () => 'yes' } }));
  // @ts-expect-error only some operations know whether the target is the user
  compiles(() => vortexRouter({ ...user, authorizeOperation: { JWT: (op) => op.self } }));
  // @ts-expect-error nothing to load
  compiles(() => vortexRouter({ ...user, authorizeOperation: { GET_INVITATIONS: (op) => op.loadInvitation() } }));
  // @ts-expect-error the operation is not bound to the identity of the caller
  compiles(() => vortexRouter({ ...user, authorizeOperation: {}, actAs: { JWT: 'anyone' } }));
  // @ts-expect-error no such format
  compiles(() => vortexRouter({ ...user, authorizeOperation: {}, jwt: { format: 'JWT' } }));
  // @ts-expect-error no such unit
  compiles(() => vortexRouter({ ...user, authorizeOperation: {}, jwt: { expiresIn: '1w' } }));
  compiles(() => vortexRouter({ ...user, authorizeOperation: {}, openapi: openApiDocument() }));
  // @ts-expect-error the document itself
  compiles(() => vortexRouter({ ...user, authorizeOperation: {}, openapi: openApiDocument }));
});

test('options can be declared before the router is built', () => {
  compiles(() => {
    const options: VortexMountOptions<Account, Request> = {
      apiKey: 'k',
      authenticateUser: find,
      authorizeOperation: { JWT: (_, user) => user.plan === 'pro' },
    };
    return vortexRouter(options);
  });
});

test('the handlers of a webhook get the transaction of a transactional store as third argument', () => {
  interface Transaction {
    insert(id: string): Promise<boolean>;
  }
  const begin = <Result>(run: (tx: Transaction) => Promise<Result>) => run({ insert: async () => true });
  compiles(() =>
    vortexWebhook({
      secret: 's',
      store: transactionalStore({ transaction: (work) => begin(work), mark: (tx, id) => tx.insert(id) }),
      on: {
        'group.member.added': async (event, request, tx) => {
          expectTypeOf(event.type).toEqualTypeOf<'group.member.added'>();
          expectTypeOf(request).toEqualTypeOf<Request>();
          expectTypeOf(tx).toEqualTypeOf<Transaction>();
        },
      },
      onEvent: (_event, _request, tx) => tx.insert(''),
      onError: (_failure, request) => expectTypeOf(request).toEqualTypeOf<Request>(),
    }),
  );
  compiles(() => vortexWebhook({ secret: 's', onEvent: (_event, _request, tx) => expectTypeOf(tx).toBeUndefined() }));
});
