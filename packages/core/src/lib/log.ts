/**
 * `console`, pino, winston, a framework's own, or what has the same two methods. They are called with the message and, where
 * there is one, the error; with the error first where there are `child` and `fatal` too, as in pino.
 */
export interface Logger {
  warn(first: unknown, ...rest: unknown[]): void;
  error(first: unknown, ...rest: unknown[]): void;
}

/** A line of ours. */
export type Log = (level: 'warn' | 'error', message: string, error?: unknown) => void;

/** winston makes children too, and wants the message first. */
export function logTo(logger: Logger & { child?: unknown; fatal?: unknown }): Log {
  const isErrorFirst = typeof logger.child === 'function' && typeof logger.fatal === 'function';
  return (level, message, error) => {
    if (error === undefined) logger[level](message);
    else if (isErrorFirst) logger[level](error, message);
    else logger[level](message, error);
  };
}

/** For frameworks without a logger of their own. */
export const logToConsole: Log = logTo(console);

/** A log that fails is no reason to fail. */
export function quiet(log: Log): Log {
  return (...line) => {
    try {
      log(...line);
    } catch {
      // There is nobody left to tell.
    }
  };
}

export function isLogger(value: unknown): value is Logger {
  const { warn, error } = Object(value) as Partial<Record<'warn' | 'error', unknown>>;
  return typeof warn === 'function' && typeof error === 'function';
}
