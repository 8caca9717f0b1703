/** The tab with the clock and the whole state: move, reset, export and import. */
import { html } from 'hono/html';
import type { Clock } from '../clock.js';
import type { Html } from '../layout.js';
import type { Settings } from '../options.js';
import { action, facts, time } from './parts.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEPS = { '+1 hour': HOUR, '+1 day': DAY, '+1 week': 7 * DAY, '+31 days': 31 * DAY };

const UNITS = { days: DAY, hours: HOUR, minutes: 60_000, seconds: 1000 };

/** Writes a duration in the largest unit that has a whole number of more than one. */
function lifetime(milliseconds: number): string {
  const unit = Object.entries(UNITS).find(([, size]) => milliseconds > size && milliseconds % size === 0);
  return unit ? `${milliseconds / unit[1]} ${unit[0]}` : `${milliseconds} ms`;
}

export function stateTab(
  clock: Clock,
  { landingUrl, expiresAfter, dataFile }: Settings,
  webhookUrl: string | undefined,
  url: string,
): Html {
  const steps = Object.entries(STEPS).map(([label, advance]) => action(label, 'PUT /_emulator/clock', { advance }));
  return html`<section class="card" aria-label="Clock">
<h2>Clock</h2>
<div id="clock" data-live><p>${time(clock.now())} ${clock.offset === 0 ? html`<span class="quiet">the time of this machine</span>` : html`<span class="wait">moved</span>`}</p></div>
<p class="actions">${steps}${action('Undo all moves', 'DELETE /_emulator/clock')}</p>
<form data-form="clock" data-call="PUT /_emulator/clock">
<label for="now">Move to a time</label>
<div class="line"><input id="now" name="now" type="datetime-local" required><button>Move</button></div>
</form>
</section>
<section class="card" aria-label="State">
<h2>State</h2>
<p class="actions"><a class="button" href="/_emulator/state" download="vortex-emulator.json">Export</a>
${action('Reset', 'POST /_emulator/reset', undefined, 'Delete all requests, messages, webhooks, invitations and faults, and set the clock back?')}</p>
<form data-form="import" data-call="PUT /_emulator/state">
<label for="file">Import an exported state in place of the current one</label>
<div class="line"><input id="file" name="file" type="file" accept="application/json,.json" required><button>Import</button></div>
</form>
</section>
<section class="card" aria-label="Webhooks">
<h2>Webhooks</h2>
<p class="quiet">A webhook that waits for a retry keeps its URL, unless you send it again.</p>
<form data-form="webhookUrl" data-call="PUT /_emulator/webhook-url">
<label for="url">Post webhooks to this URL. If it is empty, none are sent</label>
<div class="line"><input id="url" name="url" type="url" value="${webhookUrl ?? ''}" placeholder="http://localhost:3000/webhooks/vortex"><button>Set</button></div>
</form>
</section>
<section class="card" id="settings" data-live aria-label="Settings">
<h2>Settings</h2>
${facts([
  ['Base URL', html`<code>VORTEX_API_BASE_URL=${url}</code>`],
  [
    'Links lead to',
    landingUrl ?? html`a page of the emulator; set <code class="whole">--landing-url</code> to change it`,
  ],
  ['Webhooks go to', webhookUrl ?? html`nowhere; name a URL above, or set <code class="whole">--webhook-url</code>`],
  ['Invitations expire after', lifetime(expiresAfter)],
  ['Data file', dataFile ?? html`none; set <code class="whole">--data</code> to keep the state across restarts`],
])}
</section>`;
}
