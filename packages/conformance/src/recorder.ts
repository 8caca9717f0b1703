import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const WEBHOOK_SECRET = 'whsec_made_up_secret_123';

/** The handlers of the application under test call here, wherever they run, and do as they are told. */
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
    /** `handler event-id`, in order. */
    calls,
    /** What a handler is to do: `{ throw: true }`, or wait until the promise is settled. */
    behave: (how: typeof behave) => {
      behave = how;
    },
    /** Makes handlers wait until what it returns is called. */
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
