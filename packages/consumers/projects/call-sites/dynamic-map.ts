/** Rules that are built from the names of the operations. */
import { OPERATION_NAMES, type Operation, type OperationName, type RuleMap } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import type { Request } from 'express';

interface User {
  id: string;
  permissions: Set<string>;
}

const enabled: readonly OperationName[] = OPERATION_NAMES.filter((name) => name !== 'DELETE_GROUP_INVITATIONS');

/** `true` for each operation that is enabled. */
const switches: RuleMap<User> = Object.fromEntries(OPERATION_NAMES.map((name) => [name, enabled.includes(name)]));

/** A function for each operation. */
const byPermission: RuleMap<User, Request> = Object.fromEntries(
  OPERATION_NAMES.map((name) => [name, (op: Operation, user: User) => user.permissions.has(`vortex:${op.name}`)]),
);

const authenticateUser = (): User => ({ id: 'ada', permissions: new Set() });

export const routers = [
  vortexRouter({ apiKey: 'k', authenticateUser, authorizeOperation: switches }),
  vortexRouter({ apiKey: 'k', authenticateUser, authorizeOperation: { ...byPermission, JWT: true } }),
  vortexRouter({
    apiKey: 'k',
    authenticateUser,
    authorizeOperation: Object.fromEntries(
      OPERATION_NAMES.map((name) => [name, (_op: Operation, user: User) => user.permissions.has(name)]),
    ),
  }),
];
