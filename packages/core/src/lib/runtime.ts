/** Imported first, so that a runtime that is too old is named before anything else fails. */
import { VortexError } from './errors.js';

// Node 20 has it and Node 18 has not. A runtime is judged by what it can do, since not every one has a version.
if (!('isWellFormed' in String.prototype)) {
  const { process } = globalThis as { process?: { version?: string } };
  const found = process?.version === undefined ? '' : `; this is ${process.version}`;
  throw new VortexError('CONFIG', `@vortex/core needs Node 20.19 or later, or 22.12 or later${found}.`);
}
