/** The names of the client in earlier versions. */
import { type BrowserClient, type BrowserClientOptions, createBrowserClient } from '@vortex/browser';

class Backend {
  constructor(options?: BrowserClientOptions) {
    Object.assign(this, createBrowserClient(options));
  }
}

/** @deprecated Use `BrowserClient`. */
export type VortexBackend = BrowserClient;
/** @deprecated Use `createBrowserClient`, which takes the same options. */
export const VortexBackend = /* @__PURE__ */ (() => Backend as new (options?: BrowserClientOptions) => BrowserClient)();
/** @deprecated Use `BrowserClientOptions`. */
export type VortexBackendOptions = BrowserClientOptions;
