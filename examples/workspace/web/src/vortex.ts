/** What the pages know about invitations, beside the data hooks of `@vortex/react/query`. */
import type { Invitation } from '@vortex/react';
import type { InviteRequest } from '@vortex/react/query';
import type { Role, Team, User } from './api.js';

// Two ids of your component at Vortex. The emulator accepts any text. For the cloud, set your own.
/** The id of the saved configuration with which invitations are sent. */
const WIDGET_CONFIGURATION_ID = '3c9f2a54-6d0e-4b7c-9a61-0f5b8e2d7c10';
/** The id of the component itself. */
const COMPONENT_ID = '8d1e7b90-4f2a-4c3e-b5d6-2a9c0e6f4b18';

/** Returns the scope of a team, as the data hooks name it. */
export function scopeOf({ id }: Pick<Team, 'id'>): { type: string; id: string } {
  return { type: 'team', id };
}

/** Makes a request to invite people. The server decides whether the inviter may give the role. */
export function invitationTo({ id, name }: Team, role: Role, to: readonly string[]): InviteRequest {
  return {
    widgetConfigurationId: WIDGET_CONFIGURATION_ID,
    scopes: [{ type: 'team', scopeId: id, name }],
    metadata: { role },
    to,
  };
}

/** Makes a request that replaces the domains of a team. */
export function domainsOf({ id, name }: Team, domains: string[]) {
  return { scopeType: 'team', scope: id, scopeName: name, domains, componentId: COMPONENT_ID };
}

/** Returns whether an invitation is to a person. Vortex also stores the domains of a team as an invitation (`autojoin`). */
export function isPersonal({ invitationType }: Invitation): boolean {
  return invitationType !== 'autojoin';
}

export function addressOf({ target = [] }: Invitation): string {
  return target.map(({ value }) => value).join(', ') || 'unknown address';
}

/** Names the invitee: `you` for the user's own address and for a link to share, otherwise the address. */
export function inviteeOf({ target = [] }: Invitation, { email }: User): string {
  const addresses = target.filter(({ type }) => type === 'email').map(({ value }) => value);
  const isOwn = addresses.some((address) => address.toLowerCase() === email.toLowerCase());
  return isOwn || addresses.length === 0 ? 'you' : addresses.join(', ');
}

/** Returns the team that an invitation is for. */
export function teamOf({ scopes = [] }: Invitation): Team | undefined {
  const scope = scopes.find(({ type }) => type === 'team');
  return scope && { id: scope.scopeId, name: scope.name };
}

/** Returns the role that an invitation gives. */
export function roleOf({ metadata }: Invitation): Role {
  return metadata?.role === 'admin' ? 'admin' : 'member';
}
