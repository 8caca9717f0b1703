/** Builds an OpenAPI document from the table of operations. */
import * as z from 'zod/mini';
import { SDK_VERSION } from '../api/client.js';
import { codes, type VortexErrorCode } from '../lib/errors.js';
import { type JsonSchema, schemasOf } from './json-schema.js';
import { operationId } from './operation-id.js';
import type { OperationName } from './operation-types.js';
import { type Definition, operations } from './operations.js';
import { readRoute } from './paths.js';
import { responses } from './responses.js';

export type { JsonSchema } from './json-schema.js';

export interface OpenApiOptions {
  /**
   * The mount path as callers see it, such as `/api/vortex`. It becomes the only server of the document. If unset, the document
   * names no server.
   */
  basePath?: string | undefined;
  /** @default 'Vortex invitations' */
  title?: string | undefined;
  /**
   * The version of the document.
   *
   * @default the version of this package
   */
  version?: string | undefined;
}

/**
 * An OpenAPI 3.1 document as plain data. Add the application's own parts to it, such as `security` of an operation and
 * `securitySchemes` of the components.
 */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string; [field: string]: unknown };
  servers?: { url: string; [field: string]: unknown }[] | undefined;
  /** The application's tags may have an interface, which has no index signature. */
  tags: ({ name: string } | { name: string; [field: string]: unknown })[];
  /** Parameters of a path are written `{name}`. */
  paths: Record<string, { [Method in 'get' | 'post' | 'delete']?: OpenApiOperation | undefined }>;
  components: {
    schemas: Record<string, JsonSchema>;
    responses: Record<string, OpenApiResponse>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export interface OpenApiOperation {
  operationId: string;
  summary: string;
  tags: string[];
  deprecated?: true | undefined;
  parameters?:
    | { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema; [field: string]: unknown }[]
    | undefined;
  requestBody?: { required: boolean; content: OpenApiResponse['content'] } | undefined;
  /** By status. */
  responses: Record<string, OpenApiResponse | { $ref: string }>;
  [field: string]: unknown;
}

export interface OpenApiResponse {
  description: string;
  headers?: { 'Retry-After': { description: string; schema: JsonSchema } } | undefined;
  content: { 'application/json': { schema: JsonSchema } };
}

const TAG = 'Vortex';

const DESCRIPTION = `Invitations, on the application's own origin.

The application decides how a caller signs in and what each caller may do, so any operation may answer 401 or 403. Every
failure is \`{ error, code, issues }\`; branch on \`code\`. HEAD is GET without a body. Any other method on these paths answers
405 with \`Allow\`.`;

/** The operations that can fail with the status of a code: all, or those that read a body or call the API. */
type Concern = 'all' | 'bodies' | 'calls' | 'none';

const concerns: Record<VortexErrorCode, Concern> = {
  CONFIG: 'all',
  BAD_AUTH_RESULT: 'all',
  BODY_CONSUMED: 'bodies',
  INTERNAL: 'all',
  HOOK_TIMEOUT: 'all',
  INVALID_REQUEST: 'all',
  UNAUTHENTICATED: 'all',
  FORBIDDEN: 'all',
  IDENTITY_MISMATCH: 'all',
  CROSS_SITE_REQUEST: 'all',
  NOT_FOUND: 'all',
  REQUEST_TIMEOUT: 'bodies',
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
  // Codes of a path, of the client, of a disconnected caller and of webhooks.
  METHOD_NOT_ALLOWED: 'none',
  INVALID_ARGUMENT: 'none',
  ABORTED: 'none',
  RAW_BODY_REQUIRED: 'none',
  STORE_UNAVAILABLE: 'none',
  EVENT_IN_FLIGHT: 'none',
  INVALID_SIGNATURE: 'none',
  STALE_EVENT: 'none',
};

/** Describes the routes that the mounts serve, as OpenAPI 3.1. */
export function openApiDocument({
  basePath,
  title = 'Vortex invitations',
  version = SDK_VERSION,
}: OpenApiOptions = {}): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {};
  for (const [name, { routes }] of Object.entries(operations)) {
    for (const route of routes) {
      const { method, path } = readRoute(route);
      const template = path.replace(/:(\w+)/gu, '{$1}');
      paths[template] = { ...paths[template], [method.toLowerCase()]: operationAt(route, path, name as OperationName) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title, version, description: DESCRIPTION },
    ...(basePath !== undefined && { servers: [{ url: basePath }] }),
    tags: [{ name: TAG }],
    paths,
    components: { schemas: responseSchemas(), responses: failures() },
  };
}

function operationAt(route: string, path: string, name: OperationName): OpenApiOperation {
  const definition: Definition = operations[name];
  const [first = ''] = definition.routes;
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
      200: { description: 'Done.', content: json(reference('schemas', definition.response)) },
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
    bodies: definition.body !== undefined,
    calls: !definition.local,
    none: false,
  };
  return codesWhere((concern) => has[concern]);
}

function codesWhere(matches: (concern: Concern) => boolean): VortexErrorCode[] {
  return (Object.keys(codes) as VortexErrorCode[]).filter((code) => matches(concerns[code]));
}

/** A response per status, with the codes that it may hold. */
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
          description: 'Seconds after which to try again, if the Vortex API asked for a wait.',
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

function responseSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(responses)) registry.add(schema, { id });
  const uri = (id: string) => reference('schemas', id).$ref;
  // As input: the output schema of an object forbids unknown fields.
  const { schemas } = z.toJSONSchema(registry, { io: 'input', target: 'draft-2020-12', uri });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as JsonSchema]),
  );
}

function json(schema: JsonSchema): OpenApiResponse['content'] {
  return { 'application/json': { schema } };
}

function reference(kind: 'schemas' | 'responses', name: string): { $ref: string } {
  return { $ref: `#/components/${kind}/${name}` };
}
