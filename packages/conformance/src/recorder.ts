import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const WEBHOOK_SECRET = 'whsec_made_up_secret_123';

/** Starts the server that every webhook handler of the application calls. Its answer tells the handler to return or to throw. */
export async function startRecorder() {
  const calls: string[] = [];
  let behave: (call: string) => Promise<unknown> | unknown = () => {};
  const server = createServer(async (request, response) => {
    const call = decodeURIComponent(request.url?.slice(1) ?? '');
    calls.push(call);
    response.end(JSON.stringify((await behave(call)) ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Each call as `handler event-id`, in order. */
    calls,
    /** Decides for each call: `{ throw: true }` makes the handler throw, and a promise makes it wait. */
    behave: (how: typeof behave) => {
      behave = how;
    },
    /** Makes every handler wait until the returned function is called. */
    hold: () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      behave = () => held;
      return release;
    },
    reset: () => {
      calls.length = 0;
      behave = () => {};
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
