import { failure, reply, type VortexReply } from '../http/reply.js';
import { VortexError } from '../lib/errors.js';
import type { OpenApiDocument } from './openapi.js';
import { type OperationName, operations } from './operations.js';

/** One path below the mount. */
export interface Path {
  /** Parameters are written `:name`. */
  readonly path: string;
  /** The operation that a method stands for, what answers in place of one, or nothing where the method is the host's. */
  find(method: string): OperationName | Answer | undefined;
}

/** Answers by itself; `url` is the request target as it came, or the whole URL. */
export type Answer = (url: string) => VortexReply;

/** What adapters mount, in this order: literal segments come before parameters. */
export function pathsOf({ openapi }: { openapi?: OpenApiDocument | undefined }): readonly Path[] {
  return openapi ? [...paths, documentPath(openapi)] : paths;
}

const paths: readonly Path[] = collectPaths();

/** Methods that a known path takes or refuses. OPTIONS and the rarer ones are the host's. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

function collectPaths(): Path[] {
  const byPath = new Map<string, Map<string, OperationName>>();
  for (const [name, { routes }] of Object.entries(operations)) {
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      const methods = byPath.get(path) ?? new Map<string, OperationName>();
      byPath.set(path, methods);
      methods.set(method, name as OperationName);
      // HEAD is GET without a body, which servers leave out by themselves.
      if (method === 'GET') methods.set('HEAD', name as OperationName);
    }
  }
  return Array.from(byPath, ([path, methods]) => ({
    path,
    find: (method: string) => methods.get(method) ?? refusal(method, [...methods.keys()]),
  })).sort((a, b) => parameters(a.path) - parameters(b.path));
}

const DOCUMENT = '/openapi.json';

/** It tells a stranger nothing that the documentation does not, so nobody is asked who is calling. */
function documentPath(document: OpenApiDocument): Path {
  const answer: Answer = (url) =>
    reply(200, { servers: [{ url: mountOf(url) }], ...document }, { 'cache-control': 'public, max-age=300' });
  const taken = ['GET', 'HEAD'];
  return { path: DOCUMENT, find: (method) => (taken.includes(method) ? answer : refusal(method, taken)) };
}

/** Where the routes are mounted, by the URL that the document was asked for. Braces would make it a template. */
function mountOf(url: string): string {
  const [, path = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/iu.exec(url) ?? [];
  const mount = path.replace(/\/$/u, '').slice(0, -DOCUMENT.length);
  return mount.replace(/[{}]/gu, encodeURIComponent) || '/';
}

function refusal(method: string, taken: readonly string[]): Answer | undefined {
  if (!(METHODS as readonly string[]).includes(method)) return undefined;
  return () => failure(new VortexError('METHOD_NOT_ALLOWED'), { allow: taken.join(', ') });
}

function parameters(path: string): number {
  return path.split(':').length;
}
