/** The client of the browser over functions that are not the global `fetch`. */
import { type BrowserClient, createBrowserClient } from '@vortex/browser';
import { createTestClient } from '@vortex/browser/testing';

interface OtherInit {
  method?: string;
  headers?: Record<string, string>;
  body?: string | null;
  signal?: AbortSignal | null;
}
interface OtherResponse {
  ok: boolean;
  status: number;
  statusText: string;
  headers: Headers;
  text(): Promise<string>;
}
/** A function of the form of `expo/fetch`. */
declare function otherFetch(url: string, init?: OtherInit): Promise<OtherResponse>;

const baseUrl = 'https://app.example/api/vortex';

export const clients: BrowserClient[] = [
  createBrowserClient({ baseUrl, fetch }),
  createBrowserClient({ baseUrl, fetch: otherFetch }),
  createBrowserClient({ baseUrl, fetch: (url, init) => fetch(url, { ...init, credentials: 'include' }) }),
  createTestClient({ getJwt: process.env.SIGNED_OUT ? undefined : async () => 'token' }),
];
