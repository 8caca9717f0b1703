/** The tab that decodes a token and says whether the client API would take it. */
import { html } from 'hono/html';
import type { Html } from '../layout.js';
import { judgeToken, TokenError } from '../tokens.js';
import { block, facts, indented, time } from './parts.js';

/** Renders the form and, if a token was sent, what is known about it. */
export async function tokenTab(given: string | undefined, apiKey: string, now: number): Promise<Html> {
  return html`<form class="card" method="post" action="/token" data-form="token">
<h2>Check a token</h2>
<p class="quiet">Paste what <code>POST /jwt</code> of your application answers. The token stays on this machine, and is not kept.</p>
<label for="token">Token</label>
<textarea id="token" name="token" rows="5" required spellcheck="false" autocomplete="off"></textarea>
<button class="main">Check</button>
</form>
<section id="verdict" data-live aria-live="polite" aria-label="Verdict">${given === undefined ? '' : await verdict(given, apiKey, now)}</section>`;
}

async function verdict(given: string, apiKey: string, now: number): Promise<Html> {
  // The answer of /jwt may be pasted whole, and a header with the word before the token.
  const token = /(?<![\w-])[\w-]+\.[\w-]+\.[\w-]+/.exec(given)?.[0] ?? given.trim();
  const [header = '', claims = ''] = token.split('.');
  const decoded = html`${block('Header', decode(header))}${block('Claims', decode(claims))}`;
  try {
    const { caller, ...judged } = await judgeToken(token, apiKey, now);
    const { isRestricted: isHeld } = caller;
    const [scope, component] = [caller.scope ?? 'every scope', caller.component ?? 'every component'];
    return html`<div class="card">${judged.isExpired ? html`<h2 class="bad">Expired</h2><p>${judged.reason}</p>` : html`<h2 class="good">The token is right</h2><p>It is signed with the API key of the emulator.</p>`}
${facts([
  ['User', caller.id],
  ['Name', caller.name],
  ['E-mail', caller.emails.join(', ')],
  ['Phone', caller.phones.join(', ')],
  ['For', `${component}, ${scope}`],
  ['', isHeld || !(caller.component ?? caller.scope) ? null : 'A token of the older format is not held to these.'],
  ['Expires', Number.isFinite(judged.expiresAt) ? time(judged.expiresAt) : 'no time that can be read'],
])}
<p><a class="button" href="/component/${encodeURIComponent(caller.component ?? 'component-1')}#token=${token}">Try it in the stand-in for the component</a></p>
${decoded}</div>`;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return html`<div class="card"><h2 class="bad">The token is wrong</h2><p>${error.message}</p>${decoded}</div>`;
  }
}

function decode(part: string): string {
  const text = Buffer.from(part, 'base64url').toString();
  // Without a brace, it is nothing that a reader could use.
  return text.startsWith('{') ? indented(text) : '';
}
