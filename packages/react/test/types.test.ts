/** Tests the types: correct calls compile, and wrong ones do not. The compiler checks them; the calls never run. */
import type {
  AcceptedInvitations,
  Autojoin,
  CreatedInvitation,
  Invitation,
  ResultOf,
  SyncedInvitations,
} from '@vortex/core';
import {
  type AcceptTarget,
  type InvitationMethods,
  type Invitations,
  type InvitationTarget,
  type useVortexJWT,
  type VortexBackend,
  type VortexConfig,
  type VortexContextValue,
  VortexProvider,
  type VortexRequestError,
} from '@vortex/react';
import { type InviteRequest, useInviteForm } from '@vortex/react/query';
import { createElement } from 'react';
import { expectTypeOf, test } from 'vitest';

const compiles = (build: () => unknown) => expectTypeOf(build).toBeFunction();
declare const backend: VortexBackend;
declare const invitations: Invitations;

test('each method returns the result of its operation', () => {
  type Returned = { [M in keyof InvitationMethods]: ReturnType<VortexBackend[M]> };
  expectTypeOf<Returned>().toEqualTypeOf<{
    readonly getInvitationsByTarget: Promise<Invitation[]>;
    readonly getInvitation: Promise<ResultOf<'GET_INVITATION'>>;
    readonly revokeInvitation: Promise<void>;
    readonly acceptInvitations: Promise<AcceptedInvitations>;
    readonly getInvitationsByScope: Promise<ResultOf<'GET_GROUP_INVITATIONS'>['invitations']>;
    readonly deleteInvitationsByScope: Promise<void>;
    readonly getInvitationsByGroup: Promise<Invitation[]>;
    readonly deleteInvitationsByGroup: Promise<void>;
    readonly reinvite: Promise<Invitation>;
    readonly createInvitation: Promise<CreatedInvitation>;
    readonly getAutojoinDomains: Promise<Autojoin>;
    readonly configureAutojoin: Promise<Autojoin>;
    readonly syncInternalInvitation: Promise<SyncedInvitations>;
  }>();
  expectTypeOf<ReturnType<VortexBackend['getJwt']>>().resolves.toBeString();
});

test('code written for the vendor’s provider compiles', () => {
  compiles(async () => {
    const onError = (error: Error) => console.error('Vortex:', error);
    const config: VortexConfig = {
      apiBaseUrl: '/api/vortex',
      backendApiUrl: 'https://api.example.com/vortex',
      refreshJwtInterval: 30 * 60 * 1000,
      jwtBackoff: { initialDelayMs: 1000, maxDelayMs: 60_000, multiplier: 2, maxRetries: 5 },
      defaultGroups: [{ id: 't1', type: 'team', name: 'Team' }],
      onError,
      onJwtRefresh: (jwt: string) => console.log(jwt.length),
    };
    createElement(VortexProvider, { config }, createElement('p'));

    const { jwt, user, error, refreshJwt, clearAuth, isExpiringSoon, refreshIfNeeded } = {} as ReturnType<
      typeof useVortexJWT
    >;
    const text: string = jwt || '';
    const failed: Error | null = error;
    const names: string | undefined = user?.groups?.map((group) => group.name).join(text);
    const refresh: () => Promise<void> = refreshJwt;
    const clear: () => void = clearAuth;
    const ends: boolean = isExpiringSoon(5);
    await refreshIfNeeded();
    await refreshJwt({ componentId: 'c', scope: 's', scopeType: 'team' });

    const target: AcceptTarget = { type: 'phoneNumber', value: '+15550102030' };
    const list: Invitation[] = await invitations.getInvitationsByTarget('username', 'u');
    await invitations.acceptInvitations(['i'], target);
    const shown: InvitationTarget[] = list[0]?.target ?? [{ type: 'email', value: 'a@b.example' }];
    await invitations.acceptInvitations(
      list.map(({ id }) => id),
      { type: 'email', value: 'a@b.example' },
    );
    const busy: boolean = invitations.isLoading('revoke-i');
    const reason: Error | null = invitations.getError('revoke-i');
    return [failed, names, refresh, clear, ends, busy, reason, shown];
  });
  expectTypeOf<VortexContextValue['error']>().toEqualTypeOf<VortexRequestError | null>();
});

test('wrong calls do not compile', () => {
  // @ts-expect-error `mail` is not a type of address
  compiles(() => backend.getInvitationsByTarget('mail', 'a@b.example'));
  const maybe = { creatorId: 'c', targetValue: 't', action: 'maybe', componentId: 'c' } as const;
  // @ts-expect-error the action is `accepted` or `declined`
  compiles(() => backend.syncInternalInvitation(maybe));
  // @ts-expect-error `target` is missing
  compiles(() => backend.createInvitation({ widgetConfigurationId: 'w' }));
  // @ts-expect-error `pigeon` is not a type of target
  compiles(() => backend.acceptInvitations(['i'], { type: 'pigeon', value: 'p' }));
  // @ts-expect-error a context has no `widgetId`
  compiles(() => backend.getJwt({ widgetId: 'w' }));
  // @ts-expect-error an id is a string
  compiles(() => invitations.revokeInvitation(1));
  // @ts-expect-error there is no such code
  compiles(() => (({}) as VortexRequestError['code']) === 'NOT_FOUNDD');
  // @ts-expect-error the option is misspelt
  compiles(() => ({ refreshJwtIntervall: 1 }) satisfies VortexConfig);
});

test('an interface may extend InviteRequest, and useInviteForm takes it without its addresses', () => {
  interface WithNote extends InviteRequest {
    note: string;
  }
  compiles(() => (request: Omit<InviteRequest, 'to'>, { note: _, to: __, ...noted }: WithNote) => [
    useInviteForm(request),
    useInviteForm(noted),
  ]);
});
