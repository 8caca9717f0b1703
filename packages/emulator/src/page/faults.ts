/** The tab of faults: those that affect requests, and a form to inject one. */
import { html } from 'hono/html';
import type { ActiveFault, Fault, Faults } from '../faults.js';
import type { Html } from '../layout.js';
import { CLIENT_ROUTES, ROUTES } from '../routes.js';
import { action, milliseconds } from './parts.js';

export function faultsTab(faults: Faults): Html {
  const options = (routes: readonly string[]) => routes.map((route) => html`<option>${route}</option>`);
  return html`<section class="list" id="list" data-live aria-label="Faults">${table(faults.list())}</section>
<form class="card" data-form="fault" data-call="PUT /_emulator/faults">
<h2>Inject a fault</h2>
<label for="route">Route</label>
<select id="route" name="route"><optgroup label="Server API">${options(ROUTES)}</optgroup><optgroup label="Client API">${options(CLIENT_ROUTES)}</optgroup></select>
<label for="kind">Requests</label>
<select id="kind" name="kind">
<option value="status">are answered with an error</option>
<option value="delay">are answered late</option>
<option value="reset">lose their connection</option>
<option value="garbage">are answered with text that is not JSON</option>
</select>
<div class="fields">
<div><label for="status">Status of the error</label><input id="status" name="status" type="number" min="200" max="599" value="503"></div>
<div><label for="delay">Delay in milliseconds</label><input id="delay" name="delay" type="number" min="0" placeholder="none"></div>
<div><label for="times">Number of requests</label><input id="times" name="times" type="number" min="1" placeholder="all"></div>
</div>
<button class="main">Inject</button>
</form>`;
}

function table(active: readonly ActiveFault[]): Html {
  if (active.length === 0) {
    return html`<div class="empty"><strong>No faults</strong> Every request gets its regular answer.</div>`;
  }
  return html`<table>
<thead><tr><th scope="col">Route</th><th scope="col">Fault</th><th scope="col">Requests left</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
<tbody>${active.map(
    ({
      route,
      fault,
      left,
    }) => html`<tr><td>${route}</td><td>${describe(fault)}</td><td data-label="Requests left">${left ?? 'all'}</td>
<td>${action('Remove', `DELETE /_emulator/faults?route=${encodeURIComponent(route)}`)}</td></tr>`,
  )}</tbody>
</table>
<p class="more">${action('Remove all', 'DELETE /_emulator/faults')}</p>`;
}

function describe({ status, delay, reset, garbage, body, headers }: Fault): string {
  const parts = [
    delay !== undefined && `after ${milliseconds(delay)}`,
    reset && 'broken connection',
    garbage && 'not JSON',
    status !== undefined && `status ${status}`,
    body !== undefined && `body ${JSON.stringify(body)}`,
    headers !== undefined && `headers ${JSON.stringify(headers)}`,
  ];
  return parts.filter(Boolean).join(', ');
}
