/** The schemas of the inputs, for runtimes whose programs are bundled: in one file, nothing is saved by loading a part of it later. */
import {
  array,
  boolean,
  extend,
  maxLength,
  minLength,
  object,
  enum as oneOf,
  optional,
  overwrite,
  pipe,
  record,
  refine,
  regex,
  string,
  transform,
  trim,
  unknown,
} from 'zod/mini';
import type { MaybePromise } from '../lib/promises.js';
import { createInputs, type Inputs } from './inputs.js';

// Named one by one, so that a bundler leaves out the rest of zod.
const inputs = createInputs({
  array,
  boolean,
  enum: oneOf,
  extend,
  maxLength,
  minLength,
  object,
  optional,
  overwrite,
  pipe,
  record,
  refine,
  regex,
  string,
  transform,
  trim,
  unknown,
});

export function loadInputs(): () => MaybePromise<Inputs> {
  return () => inputs;
}
