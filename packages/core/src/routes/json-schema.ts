import * as z from 'zod/mini';
import type { OperationName } from './operation-types.js';
import { operations } from './operations.js';

export interface JsonSchema {
  properties?: Record<string, JsonSchema> | undefined;
  required?: string[] | undefined;
  [keyword: string]: unknown;
}

/** The input of a route as JSON Schema, for documentation. The operation itself validates requests. */
export interface RouteSchemas {
  params?: JsonSchema | undefined;
  querystring?: JsonSchema | undefined;
  body?: JsonSchema | undefined;
}

export function schemasOf(
  path: string,
  operation: OperationName,
  target: 'draft-7' | 'draft-2020-12' = 'draft-7',
): RouteSchemas {
  const { schema, body } = operations[operation];
  const whole = z.toJSONSchema(schema, { io: 'input', target }) as JsonSchema;
  const names = Array.from(path.matchAll(/:(\w+)/gu), ([, name]) => name as string);
  const params = pick(whole, (name) => names.includes(name));
  const fields = pick(whole, (name) => !names.includes(name));
  return { ...(params && { params }), ...(fields && { [body ? 'body' : 'querystring']: fields }) };
}

/** The name of the operation; a further route appends the segments that differ: `GET_GROUP_INVITATIONS_BY_GROUP`. */
export function operationId(name: OperationName, route: string): string {
  const [first] = operations[name].routes;
  const known = first?.split('/') ?? [];
  const particular = route.split('/').filter((part) => !known.includes(part));
  return [name, ...particular.map((part) => part.replaceAll('-', '_').toUpperCase())].join('_');
}

function pick(
  { properties = {}, required = [] }: JsonSchema,
  wanted: (name: string) => boolean,
): JsonSchema | undefined {
  const chosen = Object.entries(properties).filter(([name]) => wanted(name));
  if (chosen.length === 0) return undefined;
  return { type: 'object', properties: Object.fromEntries(chosen), required: required.filter(wanted) };
}
