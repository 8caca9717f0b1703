/** What may be there at once, and what must be there in time. */
export type MaybePromise<Value> = Value | Promise<Value>;

export function isPromise<Value>(value: MaybePromise<Value>): value is Promise<Value> {
  return typeof (Object(value) as { then?: unknown }).then === 'function';
}

/** Settles as the promise does, or rejects with what `late` makes after so many milliseconds. */
export function within<Value>(milliseconds: number, promise: Promise<Value>, late: () => unknown): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds);
    // Whatever has a `then` may be given.
    Promise.resolve(promise)
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}
