/** A policy object, whose methods are the rules. */
import type { OperationOf, Rule } from '@vortex/core';
import { isInviter } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';

interface User {
  id: number;
  teams: string[];
}

class InvitationPolicy {
  readonly #admins: ReadonlySet<number>;

  constructor(admins: ReadonlySet<number>) {
    this.#admins = admins;
  }

  read(op: OperationOf<'GET_INVITATIONS'>): boolean {
    return op.self;
  }

  list(op: OperationOf<'GET_GROUP_INVITATIONS' | 'DELETE_GROUP_INVITATIONS'>, user: User): boolean {
    return this.#admins.has(user.id) || user.teams.includes(op.scope);
  }

  async revoke(op: OperationOf<'REVOKE_INVITATION' | 'REINVITE'>, user: User): Promise<boolean> {
    return this.#admins.has(user.id) || (await isInviter(op, user));
  }

  readonly create: Rule<'CREATE_INVITATION', User> = async (op, user) =>
    op.self && op.scopes.every(({ scopeId }) => user.teams.includes(scopeId));
}

const policy = new InvitationPolicy(new Set([1]));

export const router = vortexRouter({
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (): User => ({ id: 1, teams: ['harbor'] }),
  authorizeOperation: {
    GET_INVITATIONS: policy.read,
    GET_GROUP_INVITATIONS: (op, user) => policy.list(op, user),
    DELETE_GROUP_INVITATIONS: policy.list.bind(policy),
    REVOKE_INVITATION: (op, user) => policy.revoke(op, user),
    REINVITE: policy.revoke.bind(policy),
    CREATE_INVITATION: policy.create,
  },
});
