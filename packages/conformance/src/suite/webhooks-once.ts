import { expect, test } from 'vitest';
import type { Group } from './group.js';
import { newEvent, sign, webhookTools } from './webhook-tools.js';

export const webhooksOnce: Group = {
  of: 'seam',
  title: 'webhooks: once',
  define(harness) {
    const { recorder, deliver, runs, expectDone, expectFailure, expectLater } = webhookTools(harness);

    test('of fifty deliveries at once one is handled and the others are answered 503, and later 200', async () => {
      const event = newEvent();
      const finish = recorder.hold();
      const first = deliver(event);
      await expect.poll(() => runs(event.id)).toBe(1);
      const others = await Promise.all(Array.from({ length: 49 }, () => deliver(event)));
      for (const reply of others) expectLater(reply, 'EVENT_IN_FLIGHT');
      finish();
      expectDone(await first);
      for (let again = 0; again < 10; again += 1) expectDone(await deliver(event));
      expect(runs(event.id)).toBe(1);
    });

    test('an event whose handler threw is answered 500 and handled at the next delivery', async () => {
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

    test('a handler that outlasts the deadline and its lease keeps running and keeps its event', async () => {
      const event = newEvent();
      const settings = { answerWithin: 200, lease: 1500 };
      const finish = recorder.hold();
      expectLater(await deliver(event, settings), 'EVENT_IN_FLIGHT');
      // The lease began before this line, so it has ended by then unless it is renewed.
      const until = Date.now() + settings.lease;
      while (Date.now() < until) {
        expectLater(await deliver(event, settings), 'EVENT_IN_FLIGHT');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expectLater(await deliver(event, settings), 'EVENT_IN_FLIGHT');
      expect(runs(event.id)).toBe(1);
      finish();
      await expect.poll(async () => (await deliver(event, settings)).status).toBe(200);
      expect(runs(event.id)).toBe(1);
    });

    test.each(['failing', 'hanging'] as const)(
      'a %s store is answered 503 without a call of a handler',
      async (store) => {
        expectLater(await deliver(newEvent(), { store, answerWithin: 400 }), 'STORE_UNAVAILABLE');
        await expect.poll(() => recorder.calls).toEqual(['onError VortexError']);
      },
    );
  },
};

export const webhookIdentity: Group = {
  of: 'core',
  title: 'webhooks: identity of events',
  define(harness) {
    const { recorder, post, deliver, expectDone, expectFailure } = webhookTools(harness);

    test('a thousand deliveries of a handled event run no handler', async () => {
      const event = newEvent();
      expectDone(await deliver(event));
      const body = JSON.stringify(event);
      const headers = { 'x-vortex-signature': await sign(body) };
      for (let round = 0; round < 20; round += 1) {
        const replies = await Promise.all(Array.from({ length: 50 }, () => post(body, headers)));
        for (const reply of replies) expectDone(reply);
      }
      expect(recorder.calls).toEqual([`on ${event.id}`, `onEvent ${event.id}`]);
    });

    test('an analytics event is handled though another event had the same id', async () => {
      const { id, type } = newEvent();
      expectDone(await deliver(newEvent({ id, type })));
      expectDone(await deliver(newEvent({ id, type, name: 'widget_loaded' })));
      expect(recorder.calls.at(-1)).toBe(`onAnalyticsEvent ${id}`);
    });

    test.each<[string, unknown]>([
      ['without an id', undefined],
      ['with an empty id', ''],
      ['with a number as its id', 1],
    ])('an event %s is recognised by its bytes', async (of, id) => {
      const event = newEvent({ id, data: { of } });
      for (let again = 0; again < 3; again += 1) expectDone(await deliver(event));
      expectDone(await deliver({ ...event, data: {} }));
      expect(recorder.calls.filter((call) => call.startsWith('on '))).toHaveLength(2);
    });

    test('an event whose onEvent threw is given to both handlers again at the next delivery', async () => {
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
  },
};
