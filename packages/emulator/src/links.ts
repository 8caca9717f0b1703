/** Invitation links: what happens when somebody follows one. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { isExpired } from './invitation.js';
import { document, type Html } from './layout.js';
import type { AppEnv } from './routes.js';
import type { InvitationRecord } from './state.js';
import type { Store } from './store.js';

interface LinkContext {
  store: Store;
  landingUrl: string | undefined;
  now: () => number;
}

export function linkRoutes({ store, landingUrl, now }: LinkContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get('/i/:code', (c) => {
    const followed = store.follow(c.req.param('code'));
    if (!followed) {
      return c.html(notice('No such invitation', html`<p>This link leads nowhere. Was the emulator reset?</p>`), 404);
    }
    const { record, open } = followed;
    if (!open) return c.html(closedNotice(record, now()), 410);
    if (landingUrl === undefined) return c.html(openNotice(record));
    const landing = new URL(landingUrl);
    landing.searchParams.set('invitationId', record.id);
    return c.redirect(landing.href, 302);
  });
  return app;
}

function openNotice(record: InvitationRecord): Html {
  const who = record.inviter?.name ?? record.inviter?.email ?? record.inviter?.id ?? 'Somebody';
  const where = record.groups[0]?.name;
  return notice(
    'You are invited',
    html`<p>${who} invited ${record.target[0]?.value ?? 'you'}${where ? html` to join <strong>${where}</strong>` : ''}.</p>
      <p class="quiet">Your application would open here with <code>?invitationId=${record.id}</code>. No landing page is
      configured: start the emulator with <code>--landing-url</code> or the option <code>landingUrl</code>.</p>`,
  );
}

function closedNotice(record: InvitationRecord, now: number): Html {
  const why = record.deactivated ? 'was revoked' : isExpired(record, now) ? 'has expired' : 'was already accepted';
  return notice('This invitation is closed', html`<p>It ${why}.</p>`);
}

function notice(title: string, body: Html): Html {
  return document(
    title,
    html`<main class="notice"><h1>${title}</h1>${body}<p><a href="/">Open the emulator</a></p></main>`,
  );
}
