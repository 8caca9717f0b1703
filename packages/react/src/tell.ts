/** Calls a function of the application's. What it throws is reported as uncaught, and does not become a failure of ours. */
export function tell<Value>(listener: ((value: Value) => void) | undefined, value: Value): void {
  if (listener) queueMicrotask(() => listener(value));
}
