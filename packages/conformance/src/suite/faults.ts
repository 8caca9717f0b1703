import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerSettings } from '../application.js';
import { ann } from './data.js';
import type { Harness } from './harness.js';
import { type Peer, startPeer, treatments, untrusted } from './peer.js';

export function faults({ call, expectFailure }: Harness): void {
  describe('faults of the upstream', () => {
    let peer: Peer;
    beforeAll(async () => {
      peer = await startPeer();
    });
    afterAll(() => peer.close());
    const faulty = (method: string, path: string, settings?: Partial<ServerSettings>) =>
      call(method, path, { user: ann }, { baseUrl: peer.url, timeout: 5000, ...settings });

    test.each<[keyof typeof treatments, status: number, code: string, gets: number, postCode: string]>([
      ['never answers', 504, 'UPSTREAM_TIMEOUT', 1, 'UPSTREAM_TIMEOUT'],
      ['stalls in the body', 504, 'UPSTREAM_TIMEOUT', 1, 'UPSTREAM_TIMEOUT'],
      ['drips the body', 504, 'UPSTREAM_TIMEOUT', 1, 'UPSTREAM_TIMEOUT'],
      ['resets at once', 502, 'UPSTREAM_UNREACHABLE', 3, 'OUTCOME_UNKNOWN'],
      ['ends without a byte', 502, 'UPSTREAM_UNREACHABLE', 3, 'OUTCOME_UNKNOWN'],
      ['is no HTTP', 502, 'UPSTREAM_UNREACHABLE', 3, 'OUTCOME_UNKNOWN'],
      ['breaks off in the body', 502, 'UPSTREAM_BAD_RESPONSE', 1, 'UPSTREAM_BAD_RESPONSE'],
      ['answers without end', 502, 'UPSTREAM_BAD_RESPONSE', 1, 'UPSTREAM_BAD_RESPONSE'],
      ['sends a gzip bomb', 502, 'UPSTREAM_BAD_RESPONSE', 1, 'UPSTREAM_BAD_RESPONSE'],
    ])('%s: %i %s to a GET, tried %i times; a POST is sent once', async (fault, status, code, gets, postCode) => {
      // Long enough for three attempts, where there are three, and no longer where the deadline is what is waited for.
      const settings = { timeout: status === 504 ? 400 : 5000 };
      if (status === 504) {
        // A server that has just been started, on a busy machine, would spend the deadline on itself.
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

    test('an idle connection that is reset before any byte: a fresh one answers', async () => {
      peer.treat(treatments['answers well'], treatments['resets at once'], treatments['answers well']);
      for (let count = 0; count < 2; count += 1) {
        expect((await faulty('GET', '/invitations/i-1')).status).toBe(200);
      }
      expect(peer.requests).toBe(3);
    });

    test('nobody listens: 502', async () => {
      const gone = await startPeer();
      await gone.close();
      for (const method of ['GET', 'DELETE']) {
        const reply = await faulty(method, '/invitations/i-1', { baseUrl: gone.url });
        expectFailure(reply, 502, 'UPSTREAM_UNREACHABLE');
      }
    });

    test('a name that nobody has: 502', async () => {
      const reply = await faulty('GET', '/invitations/i-1', { baseUrl: 'https://nobody.invalid', timeout: 5000 });
      expectFailure(reply, 502, 'UPSTREAM_UNREACHABLE');
    });

    test('a certificate that nobody has signed: 502, and no word of it', async () => {
      const impostor = await startPeer(untrusted);
      try {
        impostor.treat(treatments['answers well']);
        const reply = await faulty('GET', '/invitations/i-1', { baseUrl: impostor.url, timeout: 5000 });
        expectFailure(reply, 502, 'UPSTREAM_UNREACHABLE');
        expect(reply.text).not.toMatch(/certificate|signed/iu);
        expect(impostor.requests).toBe(0);
      } finally {
        await impostor.close();
      }
    });
  });
}
