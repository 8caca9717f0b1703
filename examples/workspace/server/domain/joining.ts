import type { VortexClient } from '@vortex/core';
import type { Database } from './database.js';
import { teamsOf } from './teams.js';
import type { User } from './users.js';

/**
 * Joins a user to teams by e-mail domain. Vortex stores the domains of each team. The rule is the application's: a user joins on
 * signing in with a verified address at one of the domains. The webhook that follows adds the membership, as for any invitation.
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
