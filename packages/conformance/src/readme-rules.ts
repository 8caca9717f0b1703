import type { VortexUser } from '@vortex/core';
import { inEveryScope, mayAccept } from '@vortex/core/rules';

/** The caller of the example in the README. */
type User = VortexUser & { adminOf?: readonly string[] };

/** The rules of the example in the README. Nothing here knows a framework, or Node. */
export const readmeRules = {
  REVOKE_INVITATION: inEveryScope(
    ({ type, scopeId }, user: User) => type === 'team' && user.adminOf?.includes(scopeId) === true,
  ),
  ACCEPT_INVITATIONS: mayAccept,
};
