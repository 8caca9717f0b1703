import * as z from 'zod/mini';
import { createInputs } from './inputs.js';
import type { OperationName } from './operation-types.js';
import { type Definition, operations } from './operations.js';

const inputs = createInputs(z);

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

/** @param target draft 4 is valid in Swagger 2.0 and all OpenAPI 3; the later drafts add `propertyNames`, which only 3.1 knows */
export function schemasOf(
  path: string,
  operation: OperationName,
  target: 'draft-4' | 'draft-2020-12' = 'draft-4',
): RouteSchemas {
  const definition: Definition = operations[operation];
  const whole = z.toJSONSchema(definition.schema(inputs), { io: 'input', target, override: describe }) as JsonSchema;
  const names = Array.from(path.matchAll(/:(\w+)/gu), ([, name]) => name as string);
  const params = pick(whole, (name) => names.includes(name));
  const fields = pick(whole, (name) => !names.includes(name));
  return { ...(params && { params }), ...(fields && { [definition.body ? 'body' : 'querystring']: fields }) };
}

/**
 * Describes fields that are required only without another one, or only with others. As `anyOf`, which Swagger 2.0 does not have,
 * generators of clients would turn it into a type of its own for each alternative.
 */
function describe({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  const { properties } = jsonSchema;
  for (const check of zodSchema._zod.def.checks ?? []) {
    const { path: [name = ''] = [], error } = check._zod.def as Partial<z.core.$ZodCustomDef>;
    const field = properties?.[String(name)];
    const problem = String(error?.({} as never));
    // A copy, since fields of one schema are one object.
    if (properties && typeof field === 'object' && problem.startsWith('is required')) {
      properties[String(name)] = { ...field, description: `It ${problem}.` };
    }
  }
}

function pick(
  { properties = {}, required = [] }: JsonSchema,
  wanted: (name: string) => boolean,
): JsonSchema | undefined {
  const chosen = Object.entries(properties).filter(([name]) => wanted(name));
  if (chosen.length === 0) return undefined;
  const needed = required.filter(wanted);
  // In draft 4, `required` must not be empty.
  return { type: 'object', properties: Object.fromEntries(chosen), ...(needed.length > 0 && { required: needed }) };
}
