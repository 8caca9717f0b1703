/** Runs in the page. Follows the stream of changes, and turns links, forms and keys into requests. */
export const PAGE_SCRIPT = `
const part = (id) => document.getElementById(id);
let said;
/** A message covers what is below it, so one that needs no answer goes by itself. */
const say = (text, isBad) => {
  part('said').textContent = text;
  part('said').className = isBad ? 'bad' : '';
  clearTimeout(said);
  if (text && !isBad) said = setTimeout(say, 5000, '');
};

const ask = async (url, init) => {
  const response = await fetch(url, init).catch(() => null);
  document.body.classList.toggle('gone', !response);
  return response;
};
const read = async (response) => response && new DOMParser().parseFromString(await response.text(), 'text/html');

/** Puts new content in place of old content, and keeps the focus, open parts and the rows in view. */
const swap = (old, next) => {
  if (!old || !next || old.innerHTML === next.innerHTML) return;
  const focused = document.activeElement;
  const chosen = Array.from(old.querySelectorAll('select'), (each) => each.selectedIndex);
  const written = Array.from(old.querySelectorAll('textarea'), (each) => each.value);
  const opened = Array.from(old.querySelectorAll('details'), (each) => each.open);
  const scrolled = Array.from(old.querySelectorAll('pre'), (each) => each.scrollTop);
  const anchor = scrollY > 0 && [...old.querySelectorAll('.row')].find((each) => each.getBoundingClientRect().top >= 0);
  const top = anchor && anchor.getBoundingClientRect().top;
  old.replaceChildren(...next.childNodes);
  old.className = next.className;
  old.querySelectorAll('details').forEach((each, index) => { each.open = opened[index] ?? each.open; });
  old.querySelectorAll('select').forEach((each, index) => { each.selectedIndex = chosen[index] ?? 0; });
  old.querySelectorAll('textarea').forEach((each, index) => { each.value = written[index] ?? ''; });
  old.querySelectorAll('pre').forEach((each, index) => { each.scrollTop = scrolled[index] ?? 0; });
  const moved = anchor && part(anchor.id);
  if (moved) scrollBy({ top: moved.getBoundingClientRect().top - top, behavior: 'instant' });
  if (document.activeElement !== document.body || focused === document.body) return;
  // A button has no id, and its text says what it does.
  const isSame = (each) => (focused.id ? each.id === focused.id : each.textContent === focused.textContent);
  const again = [...old.querySelectorAll(focused.localName)].find(isSame) ?? old.querySelector('h2');
  again?.focus({ preventScroll: true });
};

let isStale = false;
let isLoading = false;
/** Loads what has changed. One load at a time, and none while text is selected. */
const refresh = async () => {
  isStale = true;
  if (isLoading || document.hidden || !getSelection().isCollapsed) return;
  isLoading = true;
  while (isStale) {
    isStale = false;
    const asked = location.href;
    const next = await read(await ask(asked));
    if (!next || asked !== location.href) break;
    for (const old of document.querySelectorAll('[data-live]')) swap(old, next.getElementById(old.id));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  isLoading = false;
};
document.addEventListener('selectionchange', () => isStale && refresh());

/** A browser opens few connections to one origin, so a page in the background holds none. */
let stream;
const follow = () => {
  stream?.close();
  if (document.hidden) return;
  stream = new EventSource('/events');
  stream.onmessage = refresh;
  stream.onerror = () => document.body.classList.add('gone');
  stream.onopen = () => document.body.classList.remove('gone');
};
document.addEventListener('visibilitychange', follow);

/** Shows another address of the page without loading the whole of it. */
const go = async (url, { keep, replace } = {}) => {
  const response = await ask(url);
  const next = await read(response);
  if (!next?.querySelector('main')) return;
  const [main, nextMain] = [document.querySelector('main'), next.querySelector('main')];
  const isSameTab = main.dataset.tab === nextMain.dataset.tab;
  const top = scrollY;
  if (url !== location.href) history[replace ? 'replaceState' : 'pushState'](null, '', url);
  document.title = next.title;
  const typed = document.activeElement === part('q');
  for (const id of ['q', 'only']) if (part(id) && next.getElementById(id) && !typed) part(id).value = next.getElementById(id).value;
  swap(part('tabs'), next.getElementById('tabs'));
  if (isSameTab) part('view').replaceChildren(...next.getElementById('view').childNodes);
  else main.replaceWith(nextMain);
  say('');
  scrollTo({ top: isSameTab ? top : 0, behavior: 'instant' });
  if (keep === 'search') return;
  const heading = document.querySelector('#detail h2');
  if (keep === 'row' && heading) document.querySelector('.current .row')?.focus();
  else if (keep !== 'back') heading?.focus({ preventScroll: matchMedia('(min-width: 60rem)').matches });
};
const back = async () => {
  const id = document.querySelector('.current .row')?.id;
  if (!part('back')) return;
  await go(part('back').href, { keep: 'back' });
  part(id)?.focus();
};
addEventListener('popstate', () => go(location.href));

const call = async (target, json) => {
  const [method, path] = target.split(' ');
  const headers = { 'content-type': 'application/json' };
  const response = await ask(path, { method, headers, body: json && JSON.stringify(json) });
  if (!response) return;
  if (response.ok) say('Done.');
  else say([].concat((await response.json()).message).join(' '), true);
};

const copy = (text) => {
  const copied = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject();
  copied.then(() => say('Copied.'), () => say('The browser does not let this page copy.', true));
};

document.addEventListener('click', async (event) => {
  const link = event.target.closest('a[href^="/"]');
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (link && isPlain && !link.target && !link.download && !link.pathname.startsWith('/component/')) {
    event.preventDefault();
    return link.id === 'back' ? back() : go(link.href);
  }
  const button = event.target.closest('button');
  if (!button) return;
  const { call: target, json, confirm: question, copy: text, copyLink } = button.dataset;
  if (text !== undefined) copy(text);
  else if (copyLink !== undefined) copy(new URL(copyLink, location.href).href);
  else if (target && (!question || confirm(question))) await call(target, json && JSON.parse(json));
});

const bodies = {
  fault: ({ route, kind, status, delay, times }) => ({
    route: route.value,
    fault: {
      ...(kind.value === 'status' && { status: Number(status.value) }),
      ...(kind.value === 'reset' && { reset: true }),
      ...(kind.value === 'garbage' && { garbage: true }),
      ...(delay.value && { delay: Number(delay.value) }),
      ...(times.value && { times: Number(times.value) }),
    },
  }),
  announce: async ({ type, data }) => ({ type: type.value, ...(data.value.trim() && { data: JSON.parse(data.value) }) }),
  webhookUrl: ({ url }) => ({ url: url.value || null }),
  clock: ({ now }) => ({ now: new Date(now.value).toISOString() }),
  import: async ({ file }) => JSON.parse(await file.files[0].text()),
};
const addressOf = (form) => {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
  return new URL(form.action).pathname + (query.size > 0 ? '?' + query : '');
};
document.addEventListener('submit', async (event) => {
  const form = event.target;
  event.preventDefault();
  if (form.role === 'search') return go(addressOf(form), { keep: 'search', replace: true });
  if (form.dataset.form === 'token') {
    const next = await read(await ask(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) }));
    return next && swap(part('verdict'), next.getElementById('verdict'));
  }
  const json = await Promise.resolve(bodies[form.dataset.form](form.elements)).catch(() => say('This is not JSON.', true));
  if (json) await call(form.dataset.call, json);
});
let typing;
document.addEventListener('input', ({ target }) => {
  if (target.id === 'kind') part('delay').required = target.value === 'delay';
  if (target.id === 'keys') localStorage.setItem('keys', target.checked ? 'on' : 'off');
  if (target.form?.role !== 'search') return;
  clearTimeout(typing);
  typing = setTimeout(() => go(addressOf(target.form), { keep: 'search', replace: true }), 150);
});

const step = (by) => {
  const rows = [...document.querySelectorAll('.row')];
  const current = rows.findIndex((row) => row === document.activeElement || row.ariaCurrent);
  const row = rows[current < 0 ? 0 : current + by];
  row?.scrollIntoView({ block: 'nearest' });
  return row && go(row.href, { keep: 'row', replace: Boolean(part('detail')) });
};
document.addEventListener('keydown', (event) => {
  const isTyping = event.target.matches('input:not([type=checkbox]), textarea, select');
  if (event.key === 'Escape') return isTyping ? event.target.blur() : back();
  if (isTyping || event.metaKey || event.ctrlKey || event.altKey || !part('keys').checked) return;
  const tab = [...document.querySelectorAll('#tabs a')][Number(event.key) - 1];
  if (tab) return go(tab.href);
  if (event.key === 'j' || event.key === 'k') return step(event.key === 'j' ? 1 : -1);
  if (event.key !== '/' || !part('q')) return;
  event.preventDefault();
  part('q').select();
});

part('keys').checked = localStorage.getItem('keys') !== 'off';
follow();
`;
