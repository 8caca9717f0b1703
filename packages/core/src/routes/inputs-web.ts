/** The schemas of the inputs, for runtimes whose programs are bundled: in one file, nothing is saved by loading a part of it later. */
import type { MaybePromise } from '../lib/promises.js';
import * as inputs from './inputs.js';
import type { Inputs } from './operations.js';

export function loadInputs(): () => MaybePromise<Inputs> {
  return () => inputs;
}
