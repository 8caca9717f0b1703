/** Serves the page: one tab for each kind of thing to see, and the stream of changes that keeps it current. */
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { streamSSE } from 'hono/streaming';
import type { Clock } from '../clock.js';
import type { Faults } from '../faults.js';
import { refuseOtherSites } from '../guards.js';
import { document, type Html } from '../layout.js';
import type { Live } from '../live.js';
import type { Settings } from '../options.js';
import type { AppEnv } from '../routes.js';
import type { State } from '../state.js';
import { faultsTab } from './faults.js';
import { invitationsTab } from './invitations.js';
import { type ListTab, readQuery, renderList } from './list.js';
import { messagesTab } from './messages.js';
import { requestsTab } from './requests.js';
import { stateTab } from './state.js';
import { tokenTab } from './token.js';
import { webhooksTab } from './webhooks.js';

interface PageContext {
  state: State;
  settings: Settings;
  faults: Faults;
  clock: Clock;
  live: Live;
  webhookUrl: () => string | undefined;
  link: (code: string) => string;
  url: () => string;
}

export function pageRoutes({ state, settings, faults, clock, live, webhookUrl, link, url }: PageContext): Hono<AppEnv> {
  const { apiKey, now } = settings;
  const requests = requestsTab(state, url);
  const messages = messagesTab(state);
  const webhooks = webhooksTab(state, webhookUrl);
  const invitations = invitationsTab(state, now, link, webhookUrl);

  const tabs = (current: string): Html => {
    const links = [
      ...[requests, messages, webhooks, invitations].map(({ name, title, items }) => ({
        name,
        title,
        count: items().length,
      })),
      { name: 'faults', title: 'Faults', count: faults.list().length },
      { name: 'token', title: 'Token', count: null },
      { name: 'state', title: 'State', count: null },
    ];
    return html`<nav id="tabs" data-live aria-label="Tabs">${links.map(
      ({ name, title, count }) =>
        html`<a href="/${name}" id="tab-${name}"${name === current ? html` aria-current="page"` : ''}>${title}${count !== null && html` <span>${count}</span>`}</a>`,
    )}</nav>`;
  };

  const page = (c: Context<AppEnv>, name: string, title: string, view: Html, form: Html | '' = '') => {
    const body = html`<header>
<h1><a href="/">Vortex emulator</a></h1>
<p class="quiet" id="clock-note" data-live>${clock.offset === 0 ? '' : 'The clock is moved.'}</p>
<p class="quiet"><code>VORTEX_API_BASE_URL=${url()}</code> <a href="/component/component-1">Try a component</a></p>
${tabs(name)}
<p class="lost" role="status">The emulator has stopped. This page no longer updates.</p>
<noscript><p>Without JavaScript, this page shows what happened when it was loaded, and its buttons do nothing.</p></noscript>
${c.env.isLocal ? '' : html`<p class="wait">You see the page from another machine. Its buttons work on the machine of the emulator only.</p>`}
</header>
<main data-tab="${name}">${form}<div id="view">${view}</div></main>
<footer>
<p id="said" role="status"></p>
<p class="quiet keys"><label><input type="checkbox" id="keys"> Keys</label> <kbd>/</kbd> search <kbd>1</kbd>–<kbd>7</kbd> tabs <kbd>j</kbd> <kbd>k</kbd> next and previous <kbd>Esc</kbd> back to the list</p>
</footer>`;
    return c.html(document(`${title} · Vortex emulator`, body, { script: 'page' }));
  };

  const app = new Hono<AppEnv>();
  const serve = <Item extends { id: string }>(tab: ListTab<Item>, ...paths: string[]) => {
    const show = (c: Context<AppEnv>) => {
      const query = readQuery(c.req.query(), c.req.param('id'));
      const item = tab.items().find(({ id }) => id === query.id);
      const { form, view } = renderList(tab, query);
      return page(c, tab.name, item ? `${tab.label(item)} · ${tab.title}` : tab.title, view, form);
    };
    for (const path of [...paths, `/${tab.name}`, `/${tab.name}/:id`]) app.get(path, show);
  };
  serve(requests, '/');
  serve(messages);
  serve(webhooks);
  serve(invitations);
  app.get('/faults', (c) => page(c, 'faults', 'Faults', faultsTab(faults)));
  app.get('/state', (c) => page(c, 'state', 'State', stateTab(clock, settings, webhookUrl(), url())));
  app.get('/token', async (c) => page(c, 'token', 'Token', await tokenTab(undefined, apiKey, now())));
  app.post('/token', refuseOtherSites, async (c) => {
    const { token } = await c.req.parseBody();
    return page(c, 'token', 'Token', await tokenTab(String(token), apiKey, now()));
  });

  /** Says that something has changed. The page then asks for what it shows. */
  app.get('/events', refuseOtherSites, (c) =>
    streamSSE(c, async (stream) => {
      const stop = live.listen(({ kind }) => void stream.writeSSE({ data: kind }));
      await stream.writeSSE({ data: 'open' });
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      stop();
    }),
  );
  return app;
}
