/** Where the library writes its log lines. */
import { isFunction } from './values.js';

/**
 * `console`, pino, winston, a framework's own logger, or an object with the same methods. They are called with the message
 * and, for a failure, the error. A logger with both `child` and `fatal`, as pino has, gets the error first.
 */
export interface Logger {
  warn(first: unknown, ...rest: unknown[]): void;
  error(first: unknown, ...rest: unknown[]): void;
  /** Receives every denial by a rule, for development. */
  debug?: ((first: unknown, ...rest: unknown[]) => void) | undefined;
}

/** Writes one line. */
export type Log = (level: 'debug' | 'warn' | 'error', message: string, error?: unknown) => unknown;

/** winston has `child` too, but takes the message first. */
export function logTo(logger: Logger & { child?: unknown; fatal?: unknown }): Log {
  const isErrorFirst = isFunction(logger.child) && isFunction(logger.fatal);
  return (level, message, error) => {
    if (error === undefined) return logger[level]?.(message);
    return isErrorFirst ? logger[level]?.(error, message) : logger[level]?.(message, error);
  };
}

/** The default for frameworks that have no logger. Without `debug`, which `console` prints like any other line. */
export const logToConsole: Log = logTo({
  warn: (...line) => console.warn(...line),
  error: (...line) => console.error(...line),
});

/** Keeps a logger that throws, now or later, from failing the request and from ending the process. */
export function quiet(log: Log): Log {
  return async (...line) => {
    try {
      await log(...line);
    } catch {
      // The logger is the only place to report to.
    }
  };
}

/** Warns while a mount is built. */
export function warn(logger: Logger | undefined, message: string): void {
  void quiet(logTo(logger ?? console))('warn', message);
}

export function isLogger(value: unknown): value is Logger {
  const { warn, error } = Object(value) as Partial<Record<'warn' | 'error', unknown>>;
  return isFunction(warn) && isFunction(error);
}
