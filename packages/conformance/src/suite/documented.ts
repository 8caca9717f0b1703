/** Checks traffic against an OpenAPI document, by JSON Schema alone and without the table that the document is made of. */
import type { OpenApiDocument, OpenApiOperation, OpenApiResponse } from '@vortex/core/openapi';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Received, Sent } from '../http.js';

/** Statuses with which a server or a framework may refuse a target or a body before our routes see the request. */
const REFUSED_BEFORE: ReadonlySet<number> = new Set([400, 404, 413, 414]);
/** Methods that our routes answer with 405 if the document has none for the path. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

type Deviates = (how: string) => void;

export function holdAgainst(document: OpenApiDocument) {
  const matches = createMatcher(document);
  const templates = Object.entries(document.paths)
    .map(([path, item]) => ({ item, names: namesIn(path), pattern: patternOf(path) }))
    // Concrete paths match before templates.
    .sort((a, b) => a.names.length - b.names.length);

  const seen = { replies: 0, requests: 0, refusedBefore: 0 };
  const unanswered = new Set(
    Object.values(document.paths).flatMap((item) =>
      Object.values(item).flatMap((operation) => operation?.operationId ?? []),
    ),
  );
  const deviations: string[] = [];

  /** @param target request target below the mount */
  const exchange = (method: string, target: string, sent: Sent, reply: Received): void => {
    const deviates = (how: string) =>
      void deviations.push(`${method} ${target}, ${reply.status}: ${how}`.slice(0, 500));
    if (reply.headers['cache-control'] !== 'no-store') {
      seen.refusedBefore += 1;
      if (!REFUSED_BEFORE.has(reply.status)) deviates('is neither a reply of our routes nor a refusal by the server');
      return;
    }
    const [, path = '', query = ''] = /^([^?]*)\??(.*)/su.exec(target) ?? [];
    const template = templates.find(({ pattern }) => pattern.test(path));
    // A framework may match an empty parameter. Our routes then answer 404.
    if (!template) {
      if (reply.status !== 404) deviates('has no documented path');
      return;
    }

    const { item, names, pattern } = template;
    const operation = item[(method === 'HEAD' ? 'get' : method.toLowerCase()) as keyof typeof item];
    seen.replies += 1;
    if (operation) judgeReply(method, operation, reply, deviates);
    else judgeRefusal(method, item, reply, deviates);
    if (!operation || reply.status !== 200) return;

    const values = pattern.exec(path)?.slice(1) ?? [];
    const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]));
    seen.requests += 1;
    unanswered.delete(operation.operationId);
    judgeRequest(operation, { path: params, query: readQuery(query), body: bodyOf(sent) }, deviates);
  };

  const judgeRefusal = (method: string, item: object, reply: Received, deviates: Deviates): void => {
    const allowed = Object.keys(item).flatMap((known) => (known === 'get' ? ['GET', 'HEAD'] : known.toUpperCase()));
    if (!METHODS.has(method) || reply.status !== 405) deviates('has no documented method');
    if (reply.headers.allow !== allowed.join(', ')) deviates(`allows ${reply.headers.allow}`);
    if (method !== 'HEAD') matches({ $ref: '#/components/schemas/Failure' }, reply.json, deviates);
  };

  const judgeReply = (method: string, operation: OpenApiOperation, reply: Received, deviates: Deviates): void => {
    const response = responseOf(document, operation, reply.status);
    if (!response) {
      deviates('has no documented status');
      return;
    }
    if (method !== 'HEAD') matches(response.content['application/json'].schema, reply.json, deviates);
    const { 'retry-after': retryAfter } = reply.headers;
    if (retryAfter === undefined) return;
    if (response.headers) matches(response.headers['Retry-After'].schema, Number(retryAfter), deviates);
    else deviates('has an undocumented Retry-After');
  };

  /** Judges a request that was accepted. */
  const judgeRequest = (
    { parameters = [], requestBody }: OpenApiOperation,
    given: { path: Record<string, string>; query: Record<string, string>; body: unknown },
    deviates: Deviates,
  ): void => {
    for (const { name, in: place, required, schema } of parameters) {
      const value = given[place][name];
      if (value !== undefined) matches(schema, value, deviates);
      else if (required) deviates(`was accepted without ${name}`);
    }
    if (!requestBody) return;
    if (given.body !== undefined) matches(requestBody.content['application/json'].schema, given.body, deviates);
    else if (requestBody.required) deviates('was accepted without a body');
  };

  return { exchange, seen, unanswered, deviations };
}

type Matches = (schema: object, value: unknown, deviates: Deviates) => void;

function createMatcher({ components }: OpenApiDocument): Matches {
  const ajv = new Ajv2020({ allErrors: true });
  // `$ref`s point into `components`, which is no keyword of JSON Schema.
  ajv.addKeyword('components');
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value, deviates) => {
    const key = JSON.stringify(schema);
    const validate = compiled.get(key) ?? ajv.compile({ ...schema, components });
    compiled.set(key, validate);
    if (!validate(value)) deviates(ajv.errorsText(validate.errors, { dataVar: 'it' }));
  };
}

function responseOf(
  { components }: OpenApiDocument,
  { responses }: OpenApiOperation,
  status: number,
): OpenApiResponse | undefined {
  const response = responses[status];
  return response && '$ref' in response
    ? components.responses[response.$ref.replace('#/components/responses/', '')]
    : response;
}

function namesIn(path: string): string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/gu), ([, name]) => name as string);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/gu, '([^/]+)')}$`, 'u');
}

function readQuery(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(`?${query}`));
}

/** Returns the JSON that was sent. An empty body is no body. */
function bodyOf({ json, body }: Sent): unknown {
  if (body === undefined) return json;
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  return text === '' ? undefined : JSON.parse(text);
}
