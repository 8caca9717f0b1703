/** Schemas that several functions' options share. Apart from `config.ts`, whose types are public and name no type of zod. */
import * as z from 'zod/mini';
import { isLogger } from './log.js';
import { isFunction } from './values.js';

/** A function. Its parameters and result are for the compiler. */
export const callable = z.custom(isFunction, 'must be a function');

export const loggerOption = z.custom(isLogger, 'must have the methods warn and error');

/** A store of webhook events. */
export const storeOption = z.custom((value) => {
  const has = (method: string) => isFunction(Object(value)[method]);
  return has('once') || (has('claim') && has('complete') && has('release'));
}, 'must have the methods claim, complete and release, or come from transactionalStore');
