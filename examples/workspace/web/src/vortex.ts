import type { Invitation } from '@vortex/core';
import { useInvitations } from '@vortex/react';
import type { Team } from './api.js';

/** The Vortex component that invitations belong to. The emulator takes any; for the cloud put one of yours here. */
const COMPONENT_ID = '3c9f2a54-6d0e-4b7c-9a61-0f5b8e2d7c10';

const PAGE_SIZE = 20;

/** What the pages do with invitations, in their own words. What a page reads ends with it; what it writes is finished. */
export function useTeamInvitations() {
  const calls = useInvitations();
  return {
    invite: ({ id, name }: Team, email: string) =>
      calls.createInvitation({
        widgetConfigurationId: COMPONENT_ID,
        target: { type: 'email', value: email },
        scopes: [{ type: 'team', scopeId: id, name }],
      }),
    resend: (invitationId: string) => calls.reinvite(invitationId),
    revoke: (invitationId: string) => calls.revokeInvitation(invitationId),
    /** Only which one: who accepts it is the one who is signed in. */
    accept: (invitationId: string) => calls.acceptInvitations([invitationId]),
    invitation: (invitationId: string) => calls.getInvitation(invitationId),

    async sentTo(email: string): Promise<Invitation[]> {
      return (await calls.getInvitationsByTarget('email', email)).filter(isPersonal);
    },

    async pending({ id }: Pick<Team, 'id'>): Promise<Invitation[]> {
      const found: Invitation[] = [];
      // The end is a page that is not full; the bound is for a server that never gives one.
      for (let start = 0; start === found.length && start < 25 * PAGE_SIZE; start += PAGE_SIZE) {
        found.push(...(await calls.getInvitationsByScope('team', id, { start })));
      }
      return found.filter(isPersonal).reverse();
    },

    async domains({ id }: Pick<Team, 'id'>): Promise<string[]> {
      return (await calls.getAutojoinDomains('team', id)).autojoinDomains.map(({ domain }) => domain);
    },
    setDomains: ({ id, name }: Team, domains: string[]) =>
      calls.configureAutojoin({ scopeType: 'team', scope: id, scopeName: name, domains, componentId: COMPONENT_ID }),
  };
}

/** Joining by domain is kept at Vortex as an invitation of its own, which is to nobody in particular. */
function isPersonal({ invitationType }: Invitation): boolean {
  return invitationType !== 'autojoin';
}

export function addressOf({ target = [] }: Invitation): string {
  return target.map(({ value }) => value).join(', ') || 'somebody';
}

/** Into what somebody is invited. */
export function teamOf({ scopes = [] }: Invitation): Team | undefined {
  const scope = scopes.find(({ type }) => type === 'team');
  return scope && { id: scope.scopeId, name: scope.name };
}
