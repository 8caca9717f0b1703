// Apart from `operations.ts`, so that the public declarations of an adapter's parts read no file of zod.
import type { OperationName } from './operation-types.js';
import { operations } from './operations.js';

/** The name of the operation; a further route appends the segments that differ: `GET_GROUP_INVITATIONS_BY_GROUP`. */
export function operationId(name: OperationName, route: string): string {
  const [first] = operations[name].routes;
  const known = first?.split('/') ?? [];
  const particular = route.split('/').filter((part) => !known.includes(part));
  return [name, ...particular.map((part) => part.replaceAll('-', '_').toUpperCase())].join('_');
}
