import { VortexError } from './errors.js';
import { type OperationName, operations } from './operations.js';
import { failure, type VortexReply } from './reply.js';

/** One path below the mount. */
export interface Path {
  /** Parameters are written `:name`. */
  readonly path: string;
  /** The operation that a method stands for, the refusal of a method, or nothing where the method is the host's. */
  find(method: string): OperationName | VortexReply | undefined;
}

/** What adapters mount, in this order: literal segments come before parameters. */
export const paths: readonly Path[] = collectPaths();

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
  return Array.from(byPath, ([path, methods]) => {
    const refuse = () => failure(new VortexError('METHOD_NOT_ALLOWED'), { allow: [...methods.keys()].join(', ') });
    const find = (method: string) =>
      methods.get(method) ?? ((METHODS as readonly string[]).includes(method) ? refuse() : undefined);
    return { path, find };
  }).sort((a, b) => parameters(a.path) - parameters(b.path));
}

function parameters(path: string): number {
  return path.split(':').length;
}
