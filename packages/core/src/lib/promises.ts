/** What may be there at once, and what must be there in time. */
export type MaybePromise<Value> = Value | Promise<Value>;

export function isPromise<Value>(value: MaybePromise<Value>): value is Promise<Value> {
  return typeof (Object(value) as { then?: unknown }).then === 'function';
}

/** Settles as the promise does, or rejects with what `late` makes after so many milliseconds. */
export function within<Value>(
  milliseconds: number,
  promise: MaybePromise<Value>,
  late: () => unknown,
): MaybePromise<Value> {
  // What is there already is not late, and needs no clock.
  if (!isPromise(promise)) return promise;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds);
    // Whatever has a `then` may be given.
    Promise.resolve(promise)
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}
