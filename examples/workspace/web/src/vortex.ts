import { type Invitation, useInvitations } from '@vortex/react';
import type { Team } from './api.js';

/** The id of the Vortex component for invitations. The emulator accepts any id. For the cloud, set the id of your component. */
const COMPONENT_ID = '3c9f2a54-6d0e-4b7c-9a61-0f5b8e2d7c10';

const PAGE_SIZE = 20;

export interface Pending {
  /** Newest first. */
  invitations: Invitation[];
  /** Whether the team has more than were loaded. */
  hasMore: boolean;
}

/** Returns the invitation methods that the pages use. Unmounting a page aborts its reads; its writes run to their end. */
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
    /** Declines an invitation to the signed-in user. For Vortex, the invitation is then revoked. */
    decline: (invitationId: string) => calls.revokeInvitation(invitationId),
    /** Accepts an invitation as the signed-in user. */
    accept: (invitationId: string) => calls.acceptInvitations([invitationId]),
    invitation: (invitationId: string) => calls.getInvitation(invitationId),

    async sentTo(email: string): Promise<Invitation[]> {
      return (await calls.getInvitationsByTarget('email', email)).filter(isPersonal);
    },

    /** Lists the pending invitations. Vortex lists the oldest first, and cannot search: the pages do both here. */
    async pending({ id }: Pick<Team, 'id'>, atMost: number): Promise<Pending> {
      const found: Invitation[] = [];
      // The last page is not full.
      while (found.length % PAGE_SIZE === 0 && found.length < atMost) {
        const page = await calls.getInvitationsByScope('team', id, { start: found.length });
        if (page.length === 0) break;
        found.push(...page);
      }
      return { invitations: found.filter(isPersonal).reverse(), hasMore: found.length >= atMost };
    },

    async domains({ id }: Pick<Team, 'id'>): Promise<string[]> {
      return (await calls.getAutojoinDomains('team', id)).autojoinDomains.map(({ domain }) => domain);
    },
    setDomains: ({ id, name }: Team, domains: string[]) =>
      calls.configureAutojoin({ scopeType: 'team', scope: id, scopeName: name, domains, componentId: COMPONENT_ID }),
  };
}

/** Returns whether an invitation is to a person. Vortex also stores the domains of a team as an invitation (`autojoin`). */
function isPersonal({ invitationType }: Invitation): boolean {
  return invitationType !== 'autojoin';
}

export function addressOf({ target = [] }: Invitation): string {
  return target.map(({ value }) => value).join(', ') || 'unknown address';
}

/** Returns the team that an invitation is for. */
export function teamOf({ scopes = [] }: Invitation): Team | undefined {
  const scope = scopes.find(({ type }) => type === 'team');
  return scope && { id: scope.scopeId, name: scope.name };
}
