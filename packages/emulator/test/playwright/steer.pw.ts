/** Runs in Playwright, in a process beside the emulator. */
import { expect } from '@playwright/test';
import { VortexClient } from '@vortex/core';
import { DEFAULT_API_KEY } from '@vortex/emulator';
import { test } from '@vortex/emulator/playwright';

const invite = (baseUrl: string) => {
  const client = new VortexClient(DEFAULT_API_KEY, { baseUrl });
  return client.createInvitation({
    widgetConfigurationId: 'any',
    target: { type: 'email', value: 'grace@example.com' },
    inviter: { userId: 'ada' },
  });
};

test('an invited user opens the link of the message in the outbox', async ({ page, emulator }) => {
  await invite(emulator.url);
  const [message] = await emulator.outbox();
  await page.goto(message?.link ?? '');
  await expect(page.getByRole('heading', { name: 'You’re invited' })).toBeVisible();
});

test('each test begins with an empty emulator, and an invitation expires when the clock is moved', async ({
  page,
  emulator,
}) => {
  expect(await emulator.outbox()).toEqual([]);
  const { shortLink } = await invite(emulator.url);
  await emulator.advance(31 * 24 * 60 * 60 * 1000);
  await page.goto(shortLink ?? '');
  await expect(page.getByText('The invitation has expired.')).toBeVisible();
});

test('a fault of the API is injected from a test', async ({ emulator }) => {
  await emulator.fault('POST /api/v1/invitations', { status: 422 });
  await expect(invite(emulator.url)).rejects.toMatchObject({ upstreamStatus: 422 });
  expect(await emulator.calls()).toMatchObject([{ status: 422, faulty: true }]);
});
