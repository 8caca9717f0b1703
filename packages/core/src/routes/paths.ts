/** The paths below the mount, as they follow from the table of operations. */
import { reply, type VortexReply } from '../http/reply.js';

/** Methods that a known path supports or answers with 405. Other methods, such as OPTIONS, are the host's. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export type Method = (typeof METHODS)[number];

export interface PathEntry<Name> {
  /** Parameters are written `:name`. */
  readonly path: string;
  readonly methods: readonly Method[];
  /** Undefined for the methods that the path does not support. */
  readonly operation: Name | undefined;
}

type Table<Name extends string> = Readonly<Record<Name, { readonly routes: readonly string[] }>>;

/**
 * Lists the paths in the order in which they must be mounted: a literal segment comes before a parameter, and the
 * operations of a path before its 405.
 */
export function pathsOf<Name extends string>(table: Table<Name>): PathEntry<Name>[] {
  const byPath = new Map<string, PathEntry<Name>[]>();
  for (const name of Object.keys(table) as Name[]) {
    for (const route of table[name].routes) {
      const { method, path } = readRoute(route);
      const entries = byPath.get(path) ?? [];
      byPath.set(path, entries);
      // HEAD is GET without a body, which servers leave out on their own.
      entries.push({ path, methods: method === 'GET' ? ['GET', 'HEAD'] : [method], operation: name });
    }
  }
  return [...byPath]
    .sort(([a], [b]) => parameterCount(a) - parameterCount(b))
    .flatMap(([path, entries]) => {
      const supported = entries.flatMap(({ methods }) => methods);
      return [
        ...entries,
        { path, methods: METHODS.filter((method) => !supported.includes(method)), operation: undefined },
      ];
    });
}

/** Splits a route, such as `GET /invitations`, into method and path. */
export function readRoute(route: string): { method: Method; path: string } {
  const [method, path] = route.split(' ') as [Method, string];
  return { method, path };
}

/**
 * For each parameter, the literal segments that other paths have in its place. They are never values of the parameter:
 * otherwise `DELETE /invitations/by-scope`, which is no route, would revoke an invitation of that id.
 */
export function reservedWords(paths: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const words = new Map<string, Set<string>>();
  const split = paths.map((path) => path.split('/'));
  for (const segments of split) {
    for (const [index, segment] of segments.entries()) {
      if (!segment.startsWith(':')) continue;
      const prefix = segments.slice(0, index).join('/');
      const siblings = split.filter((other) => other.slice(0, index).join('/') === prefix).map((other) => other[index]);
      const literals = siblings.filter((sibling) => sibling !== undefined && !sibling.startsWith(':')) as string[];
      words.set(segment.slice(1), new Set([...(words.get(segment.slice(1)) ?? []), ...literals]));
    }
  }
  return words;
}

function parameterCount(path: string): number {
  return path.split(':').length;
}

export const DOCUMENT_PATH = '/openapi.json';

/** Replies with an OpenAPI document. Its server is the mount path, taken from the URL of the request. */
export function documentReply(document: object, url: string): VortexReply {
  const [, path = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/iu.exec(url) ?? [];
  // Braces would make the server's URL a template.
  const mount = path.replace(/\/$/u, '').slice(0, -DOCUMENT_PATH.length).replace(/[{}]/gu, encodeURIComponent);
  return reply(200, { servers: [{ url: mount || '/' }], ...document }, { 'cache-control': 'public, max-age=300' });
}
