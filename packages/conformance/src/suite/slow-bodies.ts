/** Bodies that arrive too slowly or not at all. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { USER_HEADER } from '../application.js';
import { WEBHOOK_SECRET } from '../recorder.js';
import { ann } from './data.js';
import type { Group } from './group.js';

const BODY_TIMEOUT = 400;

export const slowBodies: Group = {
  of: 'seam',
  title: 'slow bodies',
  define({ upstream, canary, server, runtime }) {
    const settings = {
      bodyTimeout: BODY_TIMEOUT,
      webhook: { secret: WEBHOOK_SECRET, recorder: 'http://127.0.0.1:9', bodyTimeout: BODY_TIMEOUT },
    };
    const routes = {
      'a request': ['/api/vortex/invitations/accept', `${USER_HEADER}: ${encodeURIComponent(JSON.stringify(ann))}`],
      'a webhook': ['/webhooks/vortex', `x-vortex-signature: ${'0'.repeat(64)}`],
    } as const;

    /**
     * Sends the head of a POST, and then a piece of its body every 20 ms until the server closes the connection.
     *
     * @returns the reply
     */
    const drip = async (route: keyof typeof routes, framing: string, piece: string) => {
      const { hostname, port } = new URL((await server(settings)).url);
      const [path, header] = routes[route];
      const socket = connect(Number(port), hostname);
      const lines = [`POST ${path} HTTP/1.1`, `host: ${hostname}:${port}`, 'content-type: application/json'];
      socket.write([...lines, header, framing, '', ''].join('\r\n'));
      const dripping = setInterval(() => socket.write(piece), 20);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
        // Deno reads every body to its end, and closes the connection only then.
        if (runtime === 'Deno' && /\r\nconnection: close\r\n.*\}$/isu.test(text)) socket.destroy();
      });
      // A piece that arrives after the server has closed resets the connection.
      socket.on('error', () => {});
      await new Promise<void>((resolve) => socket.on('close', () => resolve()));
      clearInterval(dripping);
      canary.reply({}, text);
      return text;
    };

    test.each([
      ['a request', 'drips in chunks', 'transfer-encoding: chunked', '1\r\n \r\n'],
      ['a request', 'drips', 'content-length: 60000', ' '],
      ['a request', 'stops', 'content-length: 60000', ''],
      ['a webhook', 'drips in chunks', 'transfer-encoding: chunked', '1\r\n \r\n'],
      ['a webhook', 'drips', 'content-length: 60000', ' '],
      ['a webhook', 'stops', 'content-length: 60000', ''],
    ] as const)(
      '%s whose body %s is answered 408 at the deadline, and its connection is closed',
      async (route, _, framing, piece) => {
        const text = await drip(route, framing, piece);
        expect(text).toMatch(/^HTTP\/1.1 408 /u);
        expect(text).toContain('"code":"REQUEST_TIMEOUT"');
        expect(upstream.arrivals).toEqual([]);
      },
    );
  },
};
