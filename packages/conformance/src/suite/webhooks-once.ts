import { signWebhook } from '@vortex/core/testing';
import { describe, expect, test } from 'vitest';
import { WEBHOOK_SECRET } from '../recorder.js';
import type { WebhookHarness } from './webhooks.js';

export function webhooksOnce({
  recorder,
  newEvent,
  post,
  deliver,
  expectDone,
  expectFailure,
  expectToComeBack,
}: WebhookHarness): void {
  describe('once', () => {
    const runs = (id: string) => recorder.calls.filter((call) => call === `on ${id}`).length;

    test('a thousand replays have no effect', async () => {
      const event = newEvent();
      expectDone(await deliver(event));
      const body = JSON.stringify(event);
      const headers = { 'x-vortex-signature': await signWebhook(body, WEBHOOK_SECRET) };
      for (let round = 0; round < 20; round += 1) {
        const replies = await Promise.all(Array.from({ length: 50 }, () => post(body, headers)));
        for (const reply of replies) expectDone(reply);
      }
      expect(recorder.calls).toEqual([`on ${event.id}`, `onEvent ${event.id}`]);
    });

    test('fifty at a time: one runs, the others are told to come back, and then that it is done', async () => {
      const event = newEvent();
      const finish = recorder.hold();
      const first = deliver(event);
      await expect.poll(() => runs(event.id), { timeout: 20_000 }).toBe(1);
      const others = await Promise.all(Array.from({ length: 49 }, () => deliver(event)));
      for (const reply of others) expectToComeBack(reply, 'EVENT_IN_FLIGHT');
      finish();
      expectDone(await first);
      for (let again = 0; again < 10; again += 1) expectDone(await deliver(event));
      expect(runs(event.id)).toBe(1);
    });

    test('what is another event is handled, though it has the same id', async () => {
      const { id } = newEvent();
      const fields = { id, type: 'invitation.accepted' };
      expectDone(await deliver(newEvent(fields)));
      expectDone(await deliver(newEvent({ ...fields, name: 'widget_loaded' })));
      expect(recorder.calls.at(-1)).toBe(`onAnalyticsEvent ${id}`);
    });

    test.each<[string, unknown]>([
      ['no id', undefined],
      ['an empty id', ''],
      ['an id that is a number', 1],
      ['an endless id', 'x'.repeat(5000)],
    ])('an event with %s goes by its bytes', async (of, id) => {
      const event = newEvent({ id, data: { of } });
      for (let again = 0; again < 3; again += 1) expectDone(await deliver(event));
      expectDone(await deliver({ ...event, data: {} }));
      expect(recorder.calls.filter((call) => call.startsWith('on '))).toHaveLength(2);
    });

    test('a handler that throws has its event again', async () => {
      const event = newEvent();
      recorder.behave((call) => ({ throw: call.startsWith('on ') }));
      const failed = await deliver(event);
      expectFailure(failed, 500, 'INTERNAL');
      expect(failed.text).not.toContain('told to');
      expect(recorder.calls).toEqual([`on ${event.id}`, 'onError told to throw']);
      recorder.behave(() => {});
      expectDone(await deliver(event));
      expectDone(await deliver(event));
      expect(runs(event.id)).toBe(2);
    });

    test('the same where the one for all events throws', async () => {
      const event = newEvent();
      recorder.behave((call) => ({ throw: call.startsWith('onEvent ') }));
      expectFailure(await deliver(event), 500, 'INTERNAL');
      recorder.behave(() => {});
      expectDone(await deliver(event));
      expect(recorder.calls).toEqual([
        `on ${event.id}`,
        `onEvent ${event.id}`,
        'onError told to throw',
        `on ${event.id}`,
        `onEvent ${event.id}`,
      ]);
    });

    test('a handler that takes too long goes on, and keeps its event beyond its lease', async () => {
      const event = newEvent();
      const settings = { timeout: 200, lease: 1500 };
      const finish = recorder.hold();
      expectToComeBack(await deliver(event, settings), 'EVENT_IN_FLIGHT');
      const until = Date.now() + 2500;
      while (Date.now() < until) {
        expectToComeBack(await deliver(event, settings), 'EVENT_IN_FLIGHT');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(runs(event.id)).toBe(1);
      finish();
      await expect.poll(async () => (await deliver(event, settings)).status, { timeout: 20_000 }).toBe(200);
      expect(runs(event.id)).toBe(1);
    });

    test.each(['failing', 'hanging'] as const)('a %s store: 503, and no handler is run', async (store) => {
      const settings = { store, timeout: 1500 };
      expectToComeBack(await deliver(newEvent(), settings), 'STORE_UNAVAILABLE');
      expect(recorder.calls).toEqual(['onError VortexError']);
    });
  });
}
