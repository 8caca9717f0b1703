/** The routes as an OpenAPI document, made from the table of operations. */
import * as z from 'zod/mini';
import { VERSION } from '../api/client.js';
import { codes, type VortexErrorCode } from '../lib/errors.js';
import { type JsonSchema, operationId, schemasOf } from './json-schema.js';
import { type Definition, isRead, type OperationName, operations } from './operations.js';
import { answers } from './responses.js';

export interface OpenApiOptions {
  /** Where the routes are mounted, as callers see it, such as `/api/vortex`: the document's only server. */
  basePath?: string | undefined;
  title?: string | undefined;
  /** Of the document. Default: the version of this package. */
  version?: string | undefined;
}

/** An OpenAPI 3.1 document, as plain data. Add to it what only your application knows, such as `security`. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  servers?: { url: string }[];
  tags: { name: string }[];
  /** Parameters of a path are written `{name}`. */
  paths: Record<string, { [Method in 'get' | 'post' | 'delete']?: OpenApiOperation }>;
  components: { schemas: Record<string, JsonSchema>; responses: Record<string, OpenApiResponse> };
  [field: string]: unknown;
}

export interface OpenApiOperation {
  operationId: string;
  summary: string;
  tags: string[];
  deprecated?: true;
  parameters?: { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema }[];
  requestBody?: { required: boolean; content: JsonContent };
  /** By status. */
  responses: Record<string, OpenApiResponse | Reference>;
}

export interface OpenApiResponse {
  description: string;
  headers?: { 'Retry-After': { description: string; schema: JsonSchema } };
  content: JsonContent;
}

interface JsonContent {
  'application/json': { schema: JsonSchema };
}

interface Reference {
  $ref: string;
}

const TAG = 'Vortex';

const DESCRIPTION = `Invitations, on the application's own origin.

How a caller signs in is the application's to say, and so is what each may do: any operation may answer 401 or 403. Every
failure is \`{ error, code, issues }\`, where \`code\` is what to branch on. HEAD is GET without a body; any other method on these
paths answers 405 with \`Allow\`.`;

/** Which operations can fail with a code: all, those that write, read a body, are done in somebody's name or call the API. */
type Concern = 'all' | 'writes' | 'bodies' | 'names' | 'calls' | 'none';

const concerns: Record<VortexErrorCode, Concern> = {
  CONFIG: 'all',
  BAD_AUTH_RESULT: 'all',
  INTERNAL: 'all',
  HOOK_TIMEOUT: 'all',
  INVALID_REQUEST: 'all',
  UNAUTHENTICATED: 'all',
  FORBIDDEN: 'all',
  IDENTITY_MISMATCH: 'names',
  CROSS_SITE_REQUEST: 'writes',
  NOT_FOUND: 'calls',
  PAYLOAD_TOO_LARGE: 'bodies',
  UNSUPPORTED_MEDIA_TYPE: 'bodies',
  UPSTREAM_INVALID: 'calls',
  UPSTREAM_CONFLICT: 'calls',
  UPSTREAM_UNPROCESSABLE: 'calls',
  RATE_LIMITED: 'calls',
  UPSTREAM_AUTH: 'calls',
  UPSTREAM_UNREACHABLE: 'calls',
  UPSTREAM_BAD_RESPONSE: 'calls',
  UPSTREAM_ERROR: 'calls',
  OVERLOADED: 'calls',
  OUTCOME_UNKNOWN: 'calls',
  UPSTREAM_UNAVAILABLE: 'calls',
  UPSTREAM_TIMEOUT: 'calls',
  // Of the path and no operation; of the client alone; where nobody is left to answer; of webhooks.
  METHOD_NOT_ALLOWED: 'none',
  INVALID_ARGUMENT: 'none',
  ABORTED: 'none',
  RAW_BODY_REQUIRED: 'none',
  STORE_UNAVAILABLE: 'none',
  EVENT_IN_FLIGHT: 'none',
  INVALID_SIGNATURE: 'none',
  STALE_EVENT: 'none',
};

/** The routes that the three mounts serve, as OpenAPI 3.1. It is the same at every call, and JSON throughout. */
export function openApiDocument({
  basePath,
  title = 'Vortex invitations',
  version = VERSION,
}: OpenApiOptions = {}): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {};
  for (const [name, { routes }] of Object.entries(operations)) {
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      const template = path.replace(/:(\w+)/gu, '{$1}');
      paths[template] = { ...paths[template], [method.toLowerCase()]: operationAt(route, name as OperationName) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title, version, description: DESCRIPTION },
    ...(basePath !== undefined && { servers: [{ url: basePath }] }),
    tags: [{ name: TAG }],
    paths,
    components: { schemas: answerSchemas(), responses: failures() },
  };
}

function operationAt(route: string, name: OperationName): OpenApiOperation {
  const definition: Definition = operations[name];
  const [first = ''] = definition.routes;
  const [, path = ''] = route.split(' ');
  const { params, querystring, body } = schemasOf(path, name, 'draft-2020-12');
  const parameters = [...parametersIn('path', params), ...parametersIn('query', querystring)];
  const statuses = new Set(codesOf(definition).map((code) => codes[code][0]));
  return {
    operationId: operationId(name, route),
    summary: definition.summary,
    tags: [TAG],
    ...(route !== first && { deprecated: true as const }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: definition.body === 'required', content: json(body) } }),
    responses: {
      200: { description: 'Done.', content: json(reference('schemas', definition.answer)) },
      ...Object.fromEntries([...statuses].map((status) => [status, reference('responses', failureName(status))])),
    },
  };
}

function parametersIn(place: 'path' | 'query', { properties = {}, required = [] }: JsonSchema = {}) {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema,
  }));
}

function codesOf(definition: Definition): VortexErrorCode[] {
  const has: Record<Concern, boolean> = {
    all: true,
    writes: !isRead(definition),
    bodies: definition.body !== undefined,
    names: 'mismatch' in definition,
    calls: !definition.local,
    none: false,
  };
  return codesWhere((concern) => has[concern]);
}

function codesWhere(matches: (concern: Concern) => boolean): VortexErrorCode[] {
  return (Object.keys(codes) as VortexErrorCode[]).filter((code) => matches(concerns[code]));
}

/** A response for each status, which says what codes may stand in it. */
function failures(): Record<string, OpenApiResponse> {
  const all = codesWhere((concern) => concern !== 'none');
  const statuses = new Set(all.map((code) => codes[code][0]));
  return Object.fromEntries(
    Array.from(statuses, (status) => [failureName(status), failure(all.filter((code) => codes[code][0] === status))]),
  );
}

function failure(several: readonly VortexErrorCode[]): OpenApiResponse {
  const callsApi = several.some((code) => concerns[code] === 'calls');
  return {
    description: several.map((code) => `${code}: ${codes[code][1]}`).join('\n\n'),
    ...(callsApi && {
      headers: {
        'Retry-After': {
          description: 'Seconds after which to try again, where the Vortex API has said so.',
          schema: { type: 'integer', minimum: 0 },
        },
      },
    }),
    content: json({
      allOf: [reference('schemas', 'Failure'), { type: 'object', properties: { code: { enum: several } } }],
    }),
  };
}

function failureName(status: number): string {
  return `Failure${status}`;
}

function answerSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(answers)) registry.add(schema, { id });
  const uri = (id: string) => reference('schemas', id).$ref;
  // As input, since the output of an object without unknown fields would forbid these.
  const { schemas } = z.toJSONSchema(registry, { io: 'input', target: 'draft-2020-12', uri });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as JsonSchema]),
  );
}

function json(schema: JsonSchema | Reference): JsonContent {
  return { 'application/json': { schema: schema as JsonSchema } };
}

function reference(kind: 'schemas' | 'responses', name: string): Reference {
  return { $ref: `#/components/${kind}/${name}` };
}
