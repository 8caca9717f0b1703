/** One map of rules, written once and used on three frameworks. */
import type { OperationOf, RuleMap } from '@vortex/core';
import { allOf, anyOf, inEveryScope, isInvitee, isInviter } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import { vortexPlugin } from '@vortex/fastify';
import { vortexApp } from '@vortex/hono';

interface User {
  id: string;
  email: string;
  teams: string[];
  isActive: boolean;
}

const isMember = inEveryScope(({ scopeId }, user: User) => user.teams.includes(scopeId));
const isActive = (_op: unknown, user: User) => user.isActive;
const readsOwn = (op: OperationOf<'GET_INVITATIONS'>) => op.self;

export const rules: RuleMap<User> = {
  JWT: isActive,
  GET_INVITATIONS: readsOwn,
  GET_INVITATION: anyOf(isInviter, isInvitee, isMember),
  REVOKE_INVITATION: allOf(isActive, anyOf(isInviter, isMember)),
  ACCEPT_INVITATIONS: isInvitee,
  CREATE_INVITATION: allOf(isActive, isMember),
  REINVITE: async (op, user) => isActive(op, user) && (await isInviter(op, user)),
};

/** The same without an annotation: the types of the helpers are inferred. */
export const inferred = {
  REVOKE_INVITATION: anyOf(isInviter, isMember),
  REINVITE: isInviter,
} satisfies RuleMap<User>;

const user: User = { id: 'ada', email: 'ada@example.com', teams: ['harbor'], isActive: true };

export const router = vortexRouter({ apiKey: 'k', authenticateUser: () => user, authorizeOperation: rules });
export const plugin = vortexPlugin({ apiKey: 'k', authenticateUser: async () => user, authorizeOperation: rules });
export const app = vortexApp({ apiKey: 'k', authenticateUser: () => user, authorizeOperation: rules });

export const fewer = [
  vortexRouter({ apiKey: 'k', authenticateUser: () => user, authorizeOperation: inferred }),
  vortexPlugin({ apiKey: 'k', authenticateUser: () => user, authorizeOperation: { ...inferred, JWT: true } }),
  vortexApp({ apiKey: 'k', authenticateUser: () => user, authorizeOperation: { ...rules, ...inferred } }),
];

/** A rule that names only the field it reads, beside a hook whose type comes from elsewhere. */
declare function findUser(id: string | undefined): Promise<Pick<User, 'id' | 'teams'> | null>;
const inTeam = inEveryScope(({ scopeId }, { teams }: { teams: string[] }) => teams.includes(scopeId));

export const fragments = vortexRouter({
  apiKey: 'k',
  authenticateUser: (req) => findUser(req.get('x-user')),
  authorizeOperation: { CREATE_INVITATION: inTeam, REVOKE_INVITATION: anyOf(isInviter, inTeam) },
});
