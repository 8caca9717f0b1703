/** Serves the invitation links. */
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { isExpired } from './invitation.js';
import { type Html, notice } from './layout.js';
import type { AppEnv } from './routes.js';
import type { InvitationRecord } from './state.js';
import type { Store } from './store.js';

/** The letters that say where a link was shared. */
const SOURCES = ['m', 'e', 'n', 'q', 'w', 't', 'f', 'i', 's', 'l', 'g', 'd', 'y', 'p'];

interface LinkContext {
  store: Store;
  landingUrl: string | undefined;
  now: () => number;
}

export function linkRoutes({ store, landingUrl, now }: LinkContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const follow = (c: Context<AppEnv>, code: string) => {
    const followed = store.follow(code);
    if (!followed) {
      return c.html(
        notice(
          'Invitation not found',
          html`<p>The link is incomplete, or the emulator was reset since the invitation was created.</p>`,
        ),
        404,
      );
    }
    const { record, open } = followed;
    // The page of the application says why an invitation is closed, in its own words.
    if (landingUrl === undefined) return open ? c.html(openNotice(record)) : c.html(closedNotice(record, now()), 410);
    const landing = new URL(landingUrl);
    landing.searchParams.set('invitationId', record.id);
    return c.redirect(landing.href, 302);
  };
  app.get('/i/:code', (c) => follow(c, c.req.param('code')));
  app.get(`/i/:letter{[${SOURCES.join('')}]}/:code`, (c) => follow(c, c.req.param('code')));
  return app;
}

function openNotice(record: InvitationRecord): Html {
  const who = record.inviter?.name ?? record.inviter?.email ?? record.inviter?.id ?? 'Someone';
  const where = record.groups[0]?.name;
  const [target] = record.target;
  // The value of a share target is the inviter.
  const whom = target && target.type !== 'share' ? target.value : 'you';
  return notice(
    'You’re invited',
    html`<p>${who} invited ${whom}${where ? html` to join <strong>${where}</strong>` : ''}.</p>
      <p class="quiet">To open your application here with <code>?invitationId=${record.id}</code>, start the emulator with
      <code class="whole">--landing-url</code> or set the option <code>landingUrl</code>.</p>`,
  );
}

function closedNotice(record: InvitationRecord, now: number): Html {
  const why = record.deactivated ? 'was revoked' : isExpired(record, now) ? 'has expired' : 'was already accepted';
  return notice('This invitation is closed', html`<p>The invitation ${why}.</p>`);
}
