import { register } from 'node:module';

// Every import of Express gets Express 4, that of the router included, which would otherwise get its own version.
const hooks = `export const resolve = (name, context, next) => next(name === 'express' ? 'express4' : name, context)`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

await import('./program5.ts');
