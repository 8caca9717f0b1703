/** Bodies that drip or stop. */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
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
     * Posts the head of a request, and then a piece of the body every 20 ms.
     *
     * @returns the reply once the server has closed the connection
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
        // Deno reads a body to its end, whatever the program does with it.
        if (runtime === 'Deno' && /\r\nconnection: close\r\n.*\}$/isu.test(text)) socket.destroy();
      });
      // A piece that was on its way when the server closed resets the connection.
      socket.on('error', () => {});
      await new Promise<void>((resolve) => socket.on('close', () => resolve()));
      clearInterval(dripping);
      canary.reply({}, text);
      return text;
    };

    describe.each(Object.keys(routes) as (keyof typeof routes)[])('%s', (route) => {
      test.each([
        ['drips in chunks', 'transfer-encoding: chunked', '1\r\n \r\n'],
        ['drips', 'content-length: 60000', ' '],
        ['stops', 'content-length: 60000', ''],
      ])('whose body %s gets a 408 at the deadline, and its connection is closed', async (_, framing, piece) => {
        const text = await drip(route, framing, piece);
        expect(text).toMatch(/^HTTP\/1.1 408 /u);
        expect(text).toContain('"code":"REQUEST_TIMEOUT"');
        expect(upstream.arrivals).toEqual([]);
      });
    });
  },
};
