import { expect, test } from 'vitest';
import { WEBHOOK_SECRET } from '../recorder.js';
import type { Group } from './group.js';
import { newEvent, webhookTools } from './webhook-tools.js';

export const webhooks: Group = {
  of: 'seam',
  title: 'webhooks',
  define(harness) {
    const { recorder, deliver, expectDone, expectFailure } = webhookTools(harness);

    test('an event is given to the handler of its type, and then to onEvent', async () => {
      const event = newEvent();
      expectDone(await deliver(event));
      expect(recorder.calls).toEqual([`on ${event.id}`, `onEvent ${event.id}`]);
    });

    test('an event about analytics is given to onAnalyticsEvent', async () => {
      const event = newEvent({ name: 'widget_loaded' });
      expectDone(await deliver(event));
      expect(recorder.calls).toEqual([`onAnalyticsEvent ${event.id}`]);
    });

    test('a signature is verified over the bytes of the body, in whichever form its JSON is written', async () => {
      const { id } = newEvent();
      const ugly = `\r\n {"type" :"invitation.\\u0061ccepted","type":"invitation.accepted", "n":1.0e2,"id":"${id}",\t"z":"é\u2028🚀" }\n`;
      expectDone(await deliver(ugly));
      expect(recorder.calls).toEqual([`on ${id}`, `onEvent ${id}`]);
    });

    test('each secret of a list is accepted, and no other', async () => {
      const settings = { secret: ['new', 'old'] };
      for (const secret of settings.secret) expectDone(await deliver(newEvent(), settings, secret));
      expectFailure(await deliver(newEvent(), settings, WEBHOOK_SECRET), 401, 'INVALID_SIGNATURE');
    });
  },
};

export const webhookEvents: Group = {
  of: 'core',
  title: 'webhooks: events',
  define(harness) {
    const { recorder, deliver, expectDone, expectFailure, expectRefusal } = webhookTools(harness);

    test.each<[string, object]>([
      ['of an unknown type', { type: 'something.new' }],
      ['with the name of a method as its type', { type: 'toString' }],
      ['with __proto__ as its type', { type: '__proto__' }],
      ['with a number as its type', { type: 7 }],
    ])('an event %s is given to onEvent only', async (_, fields) => {
      const event = newEvent(fields);
      expectDone(await deliver(event));
      expect(recorder.calls).toEqual([`onEvent ${event.id}`]);
    });

    test.each(['{}', '{"id":"x"}'])('the signed body %s is no event and is ignored with 200', async (body) => {
      expectDone(await deliver(body));
      expect(recorder.calls).toEqual([]);
    });

    test.each(['null', '[]', '["type"]', '"type"', '1', 'true'])(
      'the signed body %s is not a JSON object and is refused with 400',
      async (body) => {
        expectRefusal(await deliver(body), 400, 'INVALID_REQUEST', ['onError VortexError']);
      },
    );

    test('an event outside of maxAge, in the past or the future, is answered 400', async () => {
      const at = (ms: number) => newEvent({ timestamp: new Date(Date.now() + ms).toISOString() });
      for (const ms of [-120_000, 120_000]) {
        expectFailure(await deliver(at(ms), { maxAge: 60_000 }), 400, 'STALE_EVENT');
      }
      expect(recorder.calls).toEqual(Array(2).fill('onError VortexError'));
      expectDone(await deliver(at(0), { maxAge: 60_000 }));
    });
  },
};
