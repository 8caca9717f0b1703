/** Tests invitation links. */
import { describe, expect, it } from 'vitest';
import { call, invite, start } from './helpers.js';

const follow = async (link: string) => {
  const response = await fetch(link, { redirect: 'manual' });
  return { status: response.status, location: response.headers.get('location'), text: await response.text() };
};

describe('invitation links', () => {
  it('an invitation link counts the click and redirects to the landing page', async () => {
    const emulator = await start({ landingUrl: 'https://app.example.com/join?from=mail#top' });
    const { id, shortLink } = await invite(emulator);
    await follow(shortLink);
    expect(await follow(shortLink)).toMatchObject({
      status: 302,
      location: `https://app.example.com/join?from=mail&invitationId=${id}#top`,
    });
    expect(emulator.invitations).toMatchObject([{ clickThroughs: 2 }]);
  });

  it('an invitation link shows the invitation if no landing page is configured', async () => {
    const emulator = await start();
    const { id, shortLink } = await invite(emulator, { inviter: { userId: 'u', name: '<b>Ada</b>' } });
    const { status, text } = await follow(shortLink);
    expect(status).toBe(200);
    expect(text).toContain('&lt;b&gt;Ada&lt;/b&gt;');
    expect(text).not.toContain('<b>Ada');
    expect(text).toContain(`?invitationId=${id}`);
    expect(text).toContain('--landing-url');
    expect(emulator.invitations).toMatchObject([{ clickThroughs: 1 }]);
  });

  it('the notice of a link to share invites its reader, and not the inviter', async () => {
    const emulator = await start();
    const { shortLink } = await invite(emulator, { target: { type: 'share', value: 'user-1' } });
    expect((await follow(shortLink)).text).toContain('<p>Ada invited you to join <strong>Engineering</strong>.</p>');
  });

  it.each([
    ['revoked', 'was revoked'],
    ['accepted', 'already accepted'],
    ['expired', 'has expired'],
  ])('the link of a closed invitation (%s) gives the reason and counts no click', async (how, words) => {
    let now = Date.now();
    const emulator = await start({ now: () => now });
    const { id, shortLink } = await invite(emulator);
    if (how === 'revoked') await call(emulator, `DELETE /api/v1/invitations/${id}`);
    if (how === 'accepted') {
      const user = { email: 'grace@example.com' };
      await call(emulator, 'POST /api/v1/invitations/accept', { invitationIds: [id], user });
    }
    if (how === 'expired') now += 31 * 24 * 60 * 60 * 1000;

    const { status, text } = await follow(shortLink);
    expect(status).toBe(410);
    expect(text).toContain(words);
    expect(emulator.invitations).toMatchObject([{ clickThroughs: 0 }]);
  });

  it('the link of a closed invitation opens the landing page too, and counts no click', async () => {
    const emulator = await start({ landingUrl: 'https://app.example.com/invitation' });
    const { id, shortLink } = await invite(emulator);
    await call(emulator, `DELETE /api/v1/invitations/${id}`);
    const response = await fetch(shortLink, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([
      302,
      `https://app.example.com/invitation?invitationId=${id}`,
    ]);
    expect(emulator.invitations).toMatchObject([{ clickThroughs: 0 }]);
  });

  it('an unknown invitation link is answered with 404', async () => {
    const emulator = await start();
    expect((await follow(`${emulator.url}/i/nothing`)).status).toBe(404);
  });
});
