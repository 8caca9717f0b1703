import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServerSettings } from '../application.js';
import { ann } from './data.js';
import type { Group } from './group.js';
import { type Peer, startPeer, treatments, untrusted } from './peer.js';

/** Each runtime has its own transport, so every row runs on each. */
export const faults: Group = {
  of: 'seam',
  title: 'faults of the API',
  define({ call, expectFailure }) {
    let peer: Peer;
    beforeAll(async () => {
      peer = await startPeer();
    });
    afterAll(() => peer.close());
    const faulty = (method: string, path: string, settings?: Partial<ServerSettings>) =>
      call(method, path, { user: ann }, { baseUrl: peer.url, ...settings });

    test.each<[keyof typeof treatments, status: number, code: string, gets: number, postCode: string]>([
      ['never answers', 504, 'UPSTREAM_TIMEOUT', 1, 'UPSTREAM_TIMEOUT'],
      ['stalls in the body', 504, 'UPSTREAM_TIMEOUT', 1, 'UPSTREAM_TIMEOUT'],
      ['drips the body', 504, 'UPSTREAM_TIMEOUT', 1, 'UPSTREAM_TIMEOUT'],
      ['resets at once', 502, 'UPSTREAM_UNREACHABLE', 3, 'OUTCOME_UNKNOWN'],
      ['ends without a byte', 502, 'UPSTREAM_UNREACHABLE', 3, 'OUTCOME_UNKNOWN'],
      ['breaks off in the body', 502, 'UPSTREAM_BAD_RESPONSE', 1, 'OUTCOME_UNKNOWN'],
      ['answers without end', 502, 'UPSTREAM_BAD_RESPONSE', 1, 'OUTCOME_UNKNOWN'],
      ['sends a gzip bomb', 502, 'UPSTREAM_BAD_RESPONSE', 1, 'OUTCOME_UNKNOWN'],
    ])('an API that %s is a %i %s after %i GET, and %s after 1 POST', async (fault, status, code, gets, postCode) => {
      // A row that waits for the deadline has a short one.
      const settings = status === 504 ? { timeout: 400 } : {};
      if (status === 504) {
        // On a busy machine, a server that has just been started would spend the deadline on itself.
        peer.treat(treatments['answers well']);
        while ((await faulty('GET', '/invitations/i-1', settings)).status !== 200);
      }
      peer.treat(treatments[fault]);
      expectFailure(await faulty('GET', '/invitations/i-1', settings), status, code);
      expect(peer.requests).toBe(gets);
      peer.treat(treatments[fault]);
      expect((await faulty('POST', '/invitations/i-1/reinvite', settings)).json.code).toBe(postCode);
      expect(peer.requests).toBe(1);
    });

    test('a GET on an idle connection that is reset before any byte is sent again on a new connection', async () => {
      peer.treat(treatments['answers well'], treatments['resets at once'], treatments['answers well']);
      for (let count = 0; count < 2; count += 1) {
        expect((await faulty('GET', '/invitations/i-1')).status).toBe(200);
      }
      expect(peer.requests).toBe(3);
    });

    test('an API that refuses the connection is a 502', async () => {
      const gone = await startPeer();
      await gone.close();
      for (const method of ['GET', 'DELETE']) {
        const reply = await faulty(method, '/invitations/i-1', { baseUrl: gone.url });
        expectFailure(reply, 502, 'UPSTREAM_UNREACHABLE');
      }
    });

    test('an API whose host name does not exist is a 502', async () => {
      const withUnknownHost = { baseUrl: 'https://unknown-host.invalid' };
      expectFailure(await faulty('GET', '/invitations/i-1', withUnknownHost), 502, 'UPSTREAM_UNREACHABLE');
    });

    test('an API with an untrusted certificate is a 502 that does not mention it', async () => {
      const impostor = await startPeer(untrusted);
      try {
        impostor.treat(treatments['answers well']);
        const reply = await faulty('GET', '/invitations/i-1', { baseUrl: impostor.url });
        expectFailure(reply, 502, 'UPSTREAM_UNREACHABLE');
        expect(reply.text).not.toMatch(/certificate|signed/iu);
        expect(impostor.requests).toBe(0);
      } finally {
        await impostor.close();
      }
    });
  },
};
