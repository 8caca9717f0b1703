import type { VortexClient } from '@vortex/core';
import type { Database } from './database.js';
import { teamsOf } from './teams.js';
import type { User } from './users.js';

/**
 * Joining by e-mail domain. Vortex keeps the domains of each team; who joins, and when, is our own rule: whoever signs in
 * with a verified address at one of them. What makes them a member is the webhook that follows, as with any invitation.
 */
export async function joinByDomain(db: Database, client: VortexClient, user: User): Promise<void> {
  const own = new Set((await teamsOf(db, user)).map(({ id }) => id));
  const domain = user.email.slice(user.email.lastIndexOf('@') + 1);
  const candidates = (await client.getInvitationsByTarget('email', user.email))
    .filter(({ invitationType }) => invitationType === 'autojoin')
    .flatMap(({ scopes = [] }) => scopes)
    .filter(({ type, scopeId }) => type === 'team' && !own.has(scopeId));
  for (const teamId of new Set(candidates.map(({ scopeId }) => scopeId))) {
    const { autojoinDomains, invitation } = await client.getAutojoinDomains('team', teamId);
    if (!invitation || !autojoinDomains.some((each) => each.domain === domain)) continue;
    await client.acceptInvitation(invitation.id, { email: user.email, name: user.name, isExisting: true });
  }
}
