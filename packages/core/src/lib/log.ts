/** Where the library writes its log lines. */
import { isFunction } from './values.js';

/**
 * `console`, pino, winston, a framework's own logger, or an object with the same methods. They are called with the message
 * and, for a failure, the error. A logger with both `child` and `fatal`, as pino has, gets the error first, unless it is of winston
 * or tslog.
 */
export interface Logger {
  warn(first: unknown, ...rest: unknown[]): void;
  error(first: unknown, ...rest: unknown[]): void;
  /** Receives every denial by a rule, for development. */
  debug?: ((first: unknown, ...rest: unknown[]) => void) | undefined;
}

/** Writes one line. */
export type Log = (level: 'debug' | 'warn' | 'error', message: string, error?: unknown) => unknown;

/** The methods and properties by which loggers are told apart. */
interface KnownLogger extends Logger {
  child?: unknown;
  fatal?: unknown;
  /** Of bunyan. */
  fields?: unknown;
  /** Of winston. */
  transports?: unknown;
  /** Of tslog. */
  getSubLogger?: unknown;
}

/** Adapts a logger to the order of `Log`. */
export function logTo(logger: KnownLogger): Log {
  const { child, fatal, fields, transports, getSubLogger } = logger;
  // winston has `fatal` if its levels do, and tslog has both.
  const isMessageFirst = transports !== undefined || getSubLogger !== undefined;
  const isErrorFirst = isFunction(child) && isFunction(fatal) && !isMessageFirst;
  const isCauseHidden = transports !== undefined || fields !== undefined;
  return (level, message, error) => {
    if (error === undefined) return logger[level]?.(message);
    const shown = isCauseHidden ? withCauses(error) : error;
    return isErrorFirst ? logger[level]?.(shown, message) : logger[level]?.(message, shown);
  };
}

/** Maximum number of errors whose stacks are joined: a cause may be its own cause. */
const MAX_CAUSES = 5;

/** A copy of the error whose stack has those of its causes: winston and bunyan print no cause. */
function withCauses(error: unknown): unknown {
  const stacks: (string | undefined)[] = [];
  let cause = error;
  for (; cause instanceof Error && stacks.length < MAX_CAUSES; cause = cause.cause) stacks.push(cause.stack);
  if (typeof cause === 'string') stacks.push(cause);
  if (stacks.length < 2) return error;
  const stack = { value: stacks.join('\nCaused by: ') };
  return Object.create(Object.getPrototypeOf(error), { ...Object.getOwnPropertyDescriptors(error), stack });
}

/** The default for frameworks that have no logger. Without `debug`, which `console` prints like any other line. */
export const logToConsole: Log = logTo({
  warn: (...line) => console.warn(...line),
  error: (...line) => console.error(...line),
});

/** Keeps a logger or a metric that throws, now or later, from failing the request and from ending the process. */
export function quiet<Arguments extends unknown[]>(
  call: (...given: Arguments) => unknown,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      await call(...given);
    } catch {
      // There is no other place to report to.
    }
  };
}

/** Quotes text of a caller for a line of the log: text with a line break or an escape sequence could pass for another line. */
export function printable(text: string | undefined): string {
  if (text === undefined) return '(none)';
  return /^[\x21-\x7e]{1,100}$/u.test(text) ? `"${text}"` : '(not printable)';
}

/** Warns while a mount is built. */
export function warn(logger: Logger | undefined, message: string): void {
  void quiet(logTo(logger ?? console))('warn', message);
}

export function isLogger(value: unknown): value is Logger {
  const { warn, error } = Object(value) as Partial<Record<'warn' | 'error', unknown>>;
  return isFunction(warn) && isFunction(error);
}
