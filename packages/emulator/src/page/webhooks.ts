/** The tab of webhooks: each delivery with its bytes, its signature and the answer to each attempt. */
import { html } from 'hono/html';
import { adviceOnAttempt } from '../advice.js';
import type { Html } from '../layout.js';
import type { Attempt, Delivery, State } from '../state.js';
import { invitationLink, recipientOf } from './links.js';
import type { ListTab } from './list.js';
import { action, badge, block, body, copy, copyLink, facts, headers, milliseconds, quote, time } from './parts.js';

export function webhooksTab(state: State, webhookUrl: () => string | undefined): ListTab<Delivery> {
  const invitationOf = ({ event }: Delivery) => state.invitations.get(String(event.data.invitationId));
  return {
    name: 'webhooks',
    title: 'Webhooks',
    empty: () =>
      webhookUrl()
        ? html`<strong>No webhooks yet</strong> Webhooks are posted to <code>${webhookUrl()}</code>.`
        : html`<strong>No webhook URL</strong> To send webhooks, name the URL in the tab <a href="/state">State</a>, or start the emulator with <code class="whole">--webhook-url</code>.`,
    items: () => state.deliveries,
    text: ({ id, url, body, status, attempts }) =>
      [id, url, body, status, ...attempts.flatMap((each) => [each.status, each.error, each.reply])].join(' '),
    filters: {
      Failed: ({ status }) => status === 'failed',
      Pending: ({ status }) => status === 'pending',
      Delivered: ({ status }) => status === 'delivered',
    },
    columns: ['Event', 'Status', 'Attempts', 'Created'],
    label: ({ event }) => event.type,
    cells: (delivery) => {
      const record = invitationOf(delivery);
      const last = delivery.attempts.at(-1);
      return [
        html`<small>${record && recipientOf(record)}</small><small class="bad">${last && adviceOnAttempt(last, delivery)}</small>`,
        statusBadge(delivery),
        html`${delivery.attempts.map(({ status, error }) => status ?? error).join(', ')}`,
        time(delivery.event.timestamp),
      ];
    },
    detail: (delivery) => {
      const { id, event, url, attempts } = delivery;
      const last = attempts.at(-1);
      const path = `/_emulator/deliveries/${id}/redeliver`;
      return html`<h2 tabindex="-1">${event.type}</h2>
<p class="actions">${action('Send again', `POST ${path}`)}${action('Send again under a new id', `POST ${path}`, { newId: true })}
${copyLink(`/webhooks/${id}`)}${copy('Copy id', event.id)}${last?.headers ? copy('Copy as curl', curl(delivery, last.headers)) : ''}</p>
${facts([
  [
    'Status',
    html`${statusBadge(delivery)}${delivery.status === 'pending' && last && html`<small>waits to be tried again</small>`}`,
  ],
  ['Event id', event.id],
  ['Posted to', url],
  ['Created', time(event.timestamp)],
  ['Invitation', event.data.invitationId ? invitationLink(state, String(event.data.invitationId)) : null],
])}
<h3>Attempts</h3>
${attempts.length === 0 ? html`<p>None yet.</p>` : html`<ol class="attempts">${attempts.map((attempt) => attemptItem(attempt, delivery))}</ol>`}
${body('Payload', delivery.body)}`;
    },
  };
}

function statusBadge({ status }: Delivery): Html {
  return badge(status === 'delivered' ? 'good' : status === 'failed' ? 'bad' : 'wait', status);
}

function attemptItem(attempt: Attempt, delivery: Delivery): Html {
  const { url = delivery.url } = attempt;
  const advice = adviceOnAttempt(attempt, delivery);
  return html`<li>${badge(advice === null ? 'good' : 'bad', String(attempt.status ?? attempt.error))}
<span class="quiet">${milliseconds(attempt.duration)}</span> ${time(attempt.at)} ${url !== delivery.url && html`<small>to ${url}</small>`}
${advice && html`<p class="bad">${advice}</p>`}
${headers('Headers and signature', attempt.headers ?? {})}
${block('Answer', attempt.reply ?? '')}</li>`;
}

function curl({ url, body }: Delivery, headers: Readonly<Record<string, string>>): string {
  const given = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  return ['curl -X POST', quote(url), ...given, '--data-raw', quote(body)].join(' ');
}
