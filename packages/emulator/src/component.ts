/** Serves a plain stand-in for the vendor's component: it takes a token as the real one does, and invites by the client API. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { document } from './layout.js';
import type { AppEnv } from './routes.js';

export function componentRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get('/component/:id', (c) => {
    const id = c.req.param('id');
    const body = html`<main class="component" data-component="${id}">
<h1>Component <code>${id}</code></h1>
<p class="quiet">A plain stand-in for the component of the vendor. Paste the token that <code>POST /jwt</code> of your application answers,
or open this page with <code>#token=…</code> at the end of its address.</p>
<form id="use">
<label for="token">Token</label>
<textarea id="token" rows="4" spellcheck="false" autocomplete="off" required></textarea>
<button>Use this token</button>
</form>
<p id="status" role="status"></p>
<div id="signed-in" hidden>
<form id="invite">
<label for="email">Invite by e-mail</label>
<input id="email" type="email" autocomplete="off" required>
<button>Invite</button>
<button type="button" id="share">Make a link to share</button>
</form>
<h2>Sent invitations</h2>
<ul id="sent"></ul>
</div>
<p><a href="/">Open the emulator</a></p>
</main>`;
    return c.html(document(`Component ${id}`, body, { script: 'component' }));
  });
  return app;
}
