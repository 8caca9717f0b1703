/** Tests the webhooks and their retries. */
import { createHmac } from 'node:crypto';
import { Vortex, VortexWebhooks } from '@teamvortexsoftware/vortex-node-22-sdk';
import { createEmulator, type Emulator, type EmulatorEvent } from '@vortex/emulator';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { call, invite, start, startReceiver, TEAM } from './helpers.js';

const ofType = (emulator: Emulator, type: string): EmulatorEvent[] =>
  emulator.deliveries.map((delivery) => delivery.event).filter((event) => event.type === type);

describe('webhooks', () => {
  it('webhooks are signed over the bytes sent', async () => {
    const receiver = await startReceiver();
    const emulator = await start({ webhookUrl: receiver.url, webhookSecret: 'sécret' });
    await invite(emulator, { inviter: { userId: 'u', name: 'Ada ✓ </script>' } });
    await emulator.settled();

    for (const { method, headers, body } of receiver.requests) {
      expect([method, headers['content-type']]).toEqual(['POST', 'application/json']);
      const expected = createHmac('sha256', 'sécret').update(body).digest('hex');
      expect(headers['x-vortex-signature']).toBe(expected);
      const event = new VortexWebhooks({ secret: 'sécret' }).constructEvent(body, expected);
      expect(Object.keys(event).sort()).toEqual(
        ['accountId', 'data', 'environmentId', 'id', 'operation', 'sourceTable', 'timestamp', 'type'].sort(),
      );
    }
    expect(receiver.requests).toHaveLength(2);
  });

  it('webhooks report creation, delivery, click, reminder, acceptance and revocation of an invitation', async () => {
    const receiver = await startReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const { id, shortLink } = await invite(emulator, { metadata: { plan: 'pro' } });
    await fetch(shortLink);
    await call(emulator, `POST /api/v1/invitations/${id}/reinvite`);
    await call(emulator, 'POST /api/v1/invitations/accept', {
      invitationIds: [id],
      user: { email: 'grace@example.com', isExisting: true },
    });
    const { id: revoked } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await call(emulator, `DELETE /api/v1/invitations/${revoked}`);
    await call(emulator, `DELETE /api/v1/invitations/${revoked}`);
    await emulator.settled();

    expect(receiver.types()).toEqual([
      'group.member.added',
      'invitation.accepted',
      'invitation.created',
      'invitation.created',
      'invitation.deactivated',
      'invitation.email.delivered',
      'invitation.email.delivered',
      'invitation.link.clicked',
      'invitation.reminder.sent',
    ]);
    expect(ofType(emulator, 'invitation.accepted')).toMatchObject([
      {
        operation: 'update',
        data: {
          invitationId: id,
          target: [{ type: 'email', value: 'grace@example.com' }],
          groups: [{ groupId: 'team-1' }],
          scopes: [{ scopeId: 'team-1', type: 'team' }],
          metadata: { plan: 'pro' },
          user: { email: 'grace@example.com', isExisting: true },
        },
      },
    ]);
    expect(emulator.deliveries.every((delivery) => delivery.status === 'delivered')).toBe(true);
  });

  it('an acceptance is reported with one group.member.added for each scope, and none without a scope', async () => {
    const receiver = await startReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const both = await invite(emulator, { groups: [TEAM, { type: 'project', groupId: 'p', name: 'P' }] });
    const none = await invite(emulator, { groups: [] });
    const user = { email: 'grace@example.com' };
    await call(emulator, 'POST /api/v1/invitations/accept', { invitationIds: [both.id, none.id], user });
    await emulator.settled();

    expect(ofType(emulator, 'group.member.added')).toMatchObject([
      { operation: 'insert', data: { scope: 'team-1', scopeType: 'team', user } },
      { operation: 'insert', data: { scope: 'p', scopeType: 'project', user } },
    ]);
    expect(ofType(emulator, 'invitation.accepted')).toHaveLength(2);
  });

  it('a failed webhook is retried with the same bytes until the receiver accepts it', async () => {
    const answers = [500, 302, 0];
    const receiver = await startReceiver((n) => answers[n] ?? 299);
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [1, 1, 1, 1] });
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await emulator.settled();

    expect(emulator.deliveries).toMatchObject([
      {
        status: 'delivered',
        attempts: [
          { status: 500, error: null },
          { status: 302, error: null },
          { status: null, error: 'ECONNRESET' },
          { status: 299, error: null },
        ],
      },
    ]);
    expect(new Set(receiver.requests.map((request) => request.body)).size).toBe(1);
  });

  it('a webhook fails after its last retry and can then be sent again', async () => {
    let status = 500;
    const receiver = await startReceiver(() => status);
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [1] });
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await emulator.settled();
    const [failed] = emulator.deliveries;
    expect(failed).toMatchObject({ status: 'failed', attempts: [{ status: 500 }, { status: 500 }] });

    status = 200;
    emulator.redeliver(failed?.id ?? '');
    expect(emulator.deliveries).toMatchObject([{ status: 'pending' }]);
    await emulator.settled();
    expect(emulator.deliveries).toMatchObject([{ id: failed?.id, status: 'delivered' }]);
    expect(emulator.deliveries[0]?.attempts).toHaveLength(3);
    expect(receiver.requests[2]?.body).toBe(receiver.requests[0]?.body);
    expect(() => emulator.redeliver('unknown')).toThrow('unknown');
  });

  it('redeliver() sends a webhook that waits for a retry at once', async () => {
    const receiver = await startReceiver((n) => (n === 0 ? 500 : 200));
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [60_000] });
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await expect.poll(() => emulator.deliveries[0]?.attempts.length).toBe(1);
    emulator.redeliver(emulator.deliveries[0]?.id ?? '');
    await emulator.settled();
    expect(emulator.deliveries).toMatchObject([{ status: 'delivered', attempts: [{ status: 500 }, { status: 200 }] }]);
  });

  it('redeliver() during an attempt posts the webhook again after it, once for each call', async () => {
    const receiver = await startReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await emulator.settled();
    emulator.announce('invitation.email.opened', id);
    const opened = emulator.deliveries.at(-1);
    emulator.redeliver(opened?.id ?? '');
    emulator.redeliver(opened?.id ?? '');
    await emulator.settled();
    expect(receiver.requests.map(({ body }) => body).filter((body) => body === opened?.body)).toHaveLength(3);
    expect(emulator.deliveries.at(-1)).toMatchObject({
      status: 'delivered',
      attempts: [{ status: 204 }, { status: 204 }, { status: 204 }],
    });
  });

  it('redeliver() during an attempt that fails waits for no retry', async () => {
    const receiver = await startReceiver((n) => (n === 1 ? 500 : 200));
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [60_000] });
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await emulator.settled();
    emulator.announce('invitation.email.opened', id);
    emulator.redeliver(emulator.deliveries.at(-1)?.id ?? '');
    await emulator.settled();
    expect(emulator.deliveries.at(-1)).toMatchObject({
      status: 'delivered',
      attempts: [{ status: 500 }, { status: 200 }],
    });
  });

  it.each([
    ['is being posted', false],
    ['waits for a retry', true],
  ])('redeliver() of a webhook that %s posts it to the current webhook URL', async (_, waits) => {
    const first = await startReceiver(() => 500);
    const second = await startReceiver();
    const emulator = await start({ webhookUrl: first.url, webhookRetryDelays: [60_000] });
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    emulator.announce('invitation.email.opened', id);
    if (waits) await expect.poll(() => emulator.deliveries.every(({ attempts }) => attempts.length === 1)).toBe(true);
    emulator.setWebhookUrl(second.url);
    const delivery = emulator.deliveries.at(-1);
    emulator.redeliver(delivery?.id ?? '');
    await second.received(1);
    expect(second.requests.map(({ body }) => body)).toEqual([delivery?.body]);
    await expect
      .poll(() => emulator.deliveries.at(-1))
      .toMatchObject({
        status: 'delivered',
        url: second.url,
        attempts: [{ url: first.url }, { url: second.url }],
      });
  });

  it.each(['http://ada:secret@127.0.0.1:3000/webhooks', 'http://ada@127.0.0.1:3000/webhooks'])(
    'a webhook URL with credentials is refused without repeating it: %s',
    async (url) => {
      const error = expect.objectContaining({
        code: 'CONFIG',
        message: 'webhookUrl must not contain a user name or a password. Remove them from the URL.',
      });
      expect(() => createEmulator({ webhookUrl: url })).toThrow(error);
      const emulator = await start();
      expect(() => emulator.setWebhookUrl(url)).toThrow(error);
      const answer = await call(emulator, 'PUT /_emulator/webhook-url', { url });
      expect(answer).toMatchObject({ status: 400, body: { message: [expect.stringContaining('a password')] } });
    },
  );

  it('data of announce() that cannot be JSON is refused, and later changes of it are not in the delivery', async () => {
    const receiver = await startReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const { id } = await invite(emulator);
    const data: Record<string, unknown> = { reason: 'full', act: () => {}, user: undefined };
    emulator.announce('group.member.added', id, data);
    data.reason = 'other';
    const event = emulator.deliveries.at(-1)?.event;
    expect(event).toMatchObject({ data: { reason: 'full' } });
    expect(event?.data).not.toHaveProperty('act');
    expect(event?.data).not.toHaveProperty('user');
    const count = emulator.deliveries.length;
    const refusal = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('JSON') });
    expect(() => emulator.announce('invitation.email.bounced', id, { count: 1n })).toThrow(refusal);
    expect(emulator.deliveries).toHaveLength(count);
  });

  it('many webhooks that wait for a retry print no warning, and reset() drops them', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    onTestFinished(() => void process.off('warning', warn));
    const receiver = await startReceiver(() => 500);
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [60_000] });
    await Promise.all(
      Array.from({ length: 20 }, () => invite(emulator, { target: { type: 'internal', value: 'user-2' } })),
    );
    await expect.poll(() => emulator.deliveries.flatMap(({ attempts }) => attempts)).toHaveLength(20);
    emulator.reset();
    await emulator.settled();
    expect(warnings).toEqual([]);
  });

  it('close() gives up pending webhooks', async () => {
    const receiver = await startReceiver(() => 500);
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [60_000] });
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await receiver.received(1);
    await emulator.close();
    expect(emulator.deliveries).toMatchObject([{ status: 'failed' }]);
  });

  it('an announced acceptance of a link to share names no user, since its target is the inviter', async () => {
    const receiver = await startReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const { id } = await invite(emulator, { target: { type: 'share', value: 'user-1' } });
    emulator.announce('group.member.added', id);
    const { data } = emulator.deliveries.at(-1)?.event ?? {};
    expect(data).toMatchObject({ invitationId: id, scopeName: 'Engineering' });
    expect(data).not.toHaveProperty('user');
    emulator.announce('group.member.added', id, { user: { email: 'bo@example.com' } });
    expect(emulator.deliveries.at(-1)?.event.data.user).toEqual({ email: 'bo@example.com' });
  });

  it('webhooks are neither sent nor recorded if no webhookUrl is set', async () => {
    const emulator = await start({});
    await invite(emulator);
    await emulator.settled();
    expect(emulator.deliveries).toEqual([]);
  });

  it('the response to a request does not wait for the webhook', async () => {
    const receiver = await startReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    vi.stubEnv('VORTEX_API_BASE_URL', emulator.url);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    // A receiver may call the API while it handles a webhook.
    await receiver.received(1);
    expect(await new Vortex(emulator.apiKey).getInvitation(id)).toMatchObject({ id });
  });
});
