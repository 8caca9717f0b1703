/** Calls a callback of the application in a microtask. An error that it throws is uncaught, and does not fail our call. */
export function tell<Value>(listener: ((value: Value) => void) | undefined, value: Value): void {
  if (listener) queueMicrotask(() => listener(value));
}
