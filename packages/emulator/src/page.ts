/** Serves the page that shows invitations, messages and webhooks. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { isExpired } from './invitation.js';
import { document, type Html } from './layout.js';
import type { AppEnv } from './routes.js';
import type { InvitationRecord, OutboxMessage, State, TokenNote } from './state.js';
import type { Webhooks } from './webhooks.js';

/** The number of rows that a table shows. */
const ROWS = 100;

interface PageContext {
  state: State;
  webhooks: Webhooks;
  webhookUrl: string | undefined;
  now: () => number;
  url: () => string;
}

export function pageRoutes({ state, webhooks, webhookUrl, now, url }: PageContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get('/', (c) => {
    const body = html`${heading(url())}
<main>
${tokenTable(state.tokenNotes)}
${invitationTable([...state.invitations.values()], now())}
${messageTable(state.outbox)}
${deliveryTable(state, webhookUrl)}
</main>`;
    return c.html(document('Vortex emulator', body, { script: 'live' }));
  });
  app.post('/deliveries/:id/redeliver', (c) => {
    webhooks.redeliver(c.req.param('id'));
    return c.redirect('/', 303);
  });
  return app;
}

function heading(url: string): Html {
  return html`<header>
<h1>Vortex emulator</h1>
<p class="quiet">A local stand-in for the Vortex cloud. In your application, set <code>VORTEX_API_BASE_URL=${url}</code></p>
<p class="quiet"><a href="/component/component-1">Try a token</a> of your application in a stand-in for the component.</p>
<p class="lost" role="status">The emulator has stopped. This page no longer updates.</p>
</header>`;
}

/** Shown only if there is something to say. */
function tokenTable(notes: TokenNote[]): Html | '' {
  if (notes.length === 0) return '';
  return table('Tokens', notes, html``, ['Request', 'Outcome', 'Reason', 'At'], (note) => {
    return html`<tr>
<td>${note.request}</td>
<td>${note.outcome === 'refused' ? badge('bad', 'refused') : badge('wait', 'taken, but expired')}</td>
<td>${note.reason}</td>
<td>${time(Date.parse(note.at))}</td>
</tr>`;
  });
}

function invitationTable(records: InvitationRecord[], now: number): Html {
  const empty = html`<strong>No invitations yet</strong> Invitations appear here when your application creates them.`;
  return table('Invitations', records, empty, ['To', 'Scope', 'From', 'Status', 'Clicks', 'Created'], (record) => {
    const [target] = record.target;
    return html`<tr>
<td>${recipient(record)}
<small>${target?.name ? `${target.value}, ` : ''}${target?.type ?? 'autojoin'}</small></td>
<td>${record.groups.map((group) => html`<div>${group.name} <small>${group.type} ${group.groupId}</small></div>`)}</td>
<td data-label="from">${record.inviter?.name ?? record.inviter?.email ?? record.inviter?.id ?? '–'}</td>
<td>${invitationBadge(record, now)}</td>
<td class="number" data-label="clicks">${record.clickThroughs}</td>
<td>${time(record.createdAt)}</td>
</tr>`;
  });
}

function recipient({ target, autojoinDomains }: InvitationRecord): string {
  const [first] = target;
  if (first) return first.name ?? first.value;
  return autojoinDomains.map((each) => `@${each.domain}`).join(', ');
}

function invitationBadge(record: InvitationRecord, now: number): Html {
  if (record.deactivated) return badge('bad', record.invitationType === 'autojoin' ? 'off' : 'revoked');
  if (record.status === 'accepted') return badge('good', 'accepted');
  if (isExpired(record, now)) return badge('bad', 'expired');
  return record.invitationType === 'autojoin' ? badge('good', 'on') : badge('wait', record.status);
}

function messageTable(messages: OutboxMessage[]): Html {
  const empty = html`<strong>No messages yet</strong> E-mails and text messages are shown here and never sent.`;
  return table('Outgoing messages', messages, empty, ['To', 'Message', 'Link', 'Sent'], (message) => {
    const { id, to, channel, deliveredBy, subject, link, at } = message;
    return html`<tr>
<td>${to}<small>${channel}${deliveredBy === 'vortex' ? '' : `, delivered by ${deliveredBy}`}</small></td>
<td>${subject}</td>
<td><a id="link-${id}" href="${link}" target="_blank" rel="noopener" class="whole">${new URL(link).pathname}</a></td>
<td>${time(Date.parse(at))}</td>
</tr>`;
  });
}

function deliveryTable({ deliveries, invitations }: State, webhookUrl: string | undefined): Html {
  const empty = webhookUrl
    ? html`<strong>No webhooks yet</strong> Webhooks are posted to <code>${webhookUrl}</code>.`
    : html`<strong>No webhook URL</strong> To send webhooks, start the emulator with <code>--webhook-url</code>.`;
  return table('Webhooks', deliveries, empty, ['Event', 'Status', 'Attempts', 'Created', ''], (delivery) => {
    const { id, event, url, status, attempts } = delivery;
    const record = invitations.get(String(event.data.invitationId));
    return html`<tr>
<td title="to ${url}">${event.type}<small>${record && recipient(record)}</small></td>
<td>${badge(status === 'delivered' ? 'good' : status === 'failed' ? 'bad' : 'wait', status)}</td>
<td>${attempts.map(({ at, status, error }) => html`<div>${status ?? error} ${time(Date.parse(at), 'time')}</div>`)}</td>
<td>${time(Date.parse(event.timestamp))}</td>
<td><form method="post" action="/deliveries/${id}/redeliver"><button id="send-${id}">Send again</button></form></td>
</tr>`;
  });
}

/** Renders a section with a table, newest rows first. */
function table<T>(title: string, items: T[], empty: Html, columns: string[], row: (item: T) => Html): Html {
  const hidden = items.length - ROWS;
  const content = html`<table>
<thead><tr>${columns.map((column) => html`<th scope="col"${column === 'Clicks' ? html` class="number"` : ''}>${column}</th>`)}</tr></thead>
<tbody>${items.slice(-ROWS).reverse().map(row)}</tbody>
</table>${hidden > 0 ? html`<div class="more">${hidden} older not shown</div>` : ''}`;
  return html`<section>
<h2>${title} <span>${items.length}</span></h2>
<div class="card">${items.length === 0 ? html`<div class="empty">${empty}</div>` : content}</div>
</section>`;
}

function badge(kind: 'good' | 'bad' | 'wait', text: string): Html {
  return html`<span class="badge ${kind}">${text}</span>`;
}

/** Renders an instant in the time zone of this machine, which is also the reader's. */
function time(instant: number, show: 'date and time' | 'time' = 'date and time'): Html {
  const date = new Date(instant);
  // The Swedish locale writes dates in the ISO format.
  const text = show === 'time' ? date.toLocaleTimeString('sv-SE') : date.toLocaleString('sv-SE');
  return html`<time datetime="${date.toISOString()}">${text}</time>`;
}
