import { register } from 'node:module';

// Express 4 for everybody, the router included, which would otherwise be of the version beside it.
const hooks = `export const resolve = (name, context, next) => next(name === 'express' ? 'express4' : name, context)`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

await import('./program5.ts');
