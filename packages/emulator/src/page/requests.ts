/** The tab of requests: each call of the API with its reply. */
import { html } from 'hono/html';
import { adviceOnCall, hasFailed } from '../advice.js';
import type { RecordedCall } from '../calls.js';
import type { State } from '../state.js';
import { invitationLinks } from './links.js';
import type { ListTab } from './list.js';
import { badge, body, copy, copyLink, facts, headers, milliseconds, quote, time } from './parts.js';

const APIS = { server: 'server API', client: 'client API', link: 'link of an invitation' };

export function requestsTab(state: State, url: () => string): ListTab<RecordedCall> {
  return {
    name: 'requests',
    title: 'Requests',
    empty: () => html`<strong>No requests yet</strong> Each call of the API appears here, with its reply.
<p>In your application, set <code>VORTEX_API_BASE_URL=${url()}</code> and the <code>VORTEX_API_KEY</code> that the emulator printed.</p>`,
    items: () => state.calls,
    text: (call) =>
      [call.id, nameOf(call), call.status, call.caller, call.user, call.request.body, call.reply.body].join(' '),
    filters: {
      Failed: hasFailed,
      'Server API': ({ api }) => api === 'server',
      'Client API': ({ api }) => api === 'client',
      Links: ({ api }) => api === 'link',
    },
    columns: ['Request', 'Status', 'Caller', 'Took', 'At'],
    label: nameOf,
    cells: (call) => [
      html`<small class="bad">${hasFailed(call) ? adviceOnCall(call) : ''}</small><small class="wait">${call.warning}</small>`,
      statusBadge(call),
      html`${call.caller}${call.user !== null && html`<small>user ${call.user}</small>`}`,
      html`<span class="whole">${milliseconds(call.duration)}</span>`,
      time(call.at),
    ],
    detail: (call) => {
      const advice = adviceOnCall(call);
      const related = invitationLinks(state, `${call.path} ${call.request.body} ${call.reply.body}`);
      return html`<h2 tabindex="-1">${nameOf(call)}</h2>
${advice && html`<p class="advice ${hasFailed(call) ? 'bad' : 'wait'}">${advice}</p>`}
<p class="actions">${copyLink(`/requests/${call.id}`)}${copy('Copy id', call.id)}${copy('Copy as curl', curl(call, url()))}</p>
${facts([
  ['Status', statusBadge(call)],
  ['API', APIS[call.api]],
  ['Caller', call.caller],
  ['User of the token', call.user],
  ['Took', milliseconds(call.duration)],
  ['At', time(call.at)],
  ['Invitations', related],
])}
${body('Request', call.request.body, call.request.bytes)}
${headers('Request headers', call.request.headers)}
${body('Reply', call.reply.body, call.reply.bytes)}
${headers('Reply headers', call.reply.headers)}`;
    },
  };
}

function nameOf({ method, path }: RecordedCall): string {
  return `${method} ${path}`;
}

function statusBadge(call: RecordedCall) {
  const mood = hasFailed(call) ? 'bad' : 'good';
  return html`${badge(mood, call.status === null ? 'connection broken' : String(call.status))}${call.faulty && html`<small>by a fault</small>`}`;
}

/** The secret is a variable of the shell, since the record does not have it. */
function curl({ api, method, path, request }: RecordedCall, url: string): string {
  const credential = { server: 'x-api-key: $VORTEX_API_KEY', client: 'authorization: Bearer $TOKEN', link: '' }[api];
  return [
    `curl -X ${method} ${quote(url + path)}`,
    credential && `-H "${credential}"`,
    request.body && `-H 'content-type: application/json' --data-raw ${quote(request.body)}`,
  ]
    .filter(Boolean)
    .join(' ');
}
