import type { Invitation, VortexClient } from '@vortex/core';
import type { Database } from './database.js';
import { hasJoined, teamsOf } from './teams.js';
import type { User } from './users.js';

/**
 * Joins a user to teams by e-mail domain. Vortex stores the domains of each team. The rule is the application's: a user joins on
 * signing in with a verified address at one of the domains. The webhook that follows adds the membership, as for any invitation.
 * A member who was removed needs a personal invitation to join again, also if the domain was added after the removal.
 */
export async function joinByDomain(db: Database, client: VortexClient, user: User): Promise<void> {
  const own = new Set((await teamsOf(db, user)).map(({ id }) => id));
  const candidates = (await client.getInvitationsByTarget('email', user.email))
    .filter(({ invitationType }) => invitationType === 'autojoin')
    .flatMap(({ scopes = [] }) => scopes)
    .filter(({ type, scopeId }) => type === 'team' && !own.has(scopeId));
  for (const teamId of new Set(candidates.map(({ scopeId }) => scopeId))) {
    const invitation = await domainInvitation(client, teamId, user);
    if (!invitation || (await hasJoined(db, teamId, user))) continue;
    await client.acceptInvitation(invitation.id, { email: user.email, name: user.name, isExisting: true });
  }
}

/** Returns the invitation by which people of a user's e-mail domain join a team. Undefined if the domain is not one of the team's. */
export async function domainInvitation(
  client: VortexClient,
  teamId: string,
  user: User,
): Promise<Invitation | undefined> {
  const domain = domainOf(user);
  const { autojoinDomains, invitation } = await client.getAutojoinDomains('team', teamId);
  return autojoinDomains.some((each) => each.domain === domain) ? (invitation ?? undefined) : undefined;
}

export function domainOf({ email }: User): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase();
}
