/** Shares helpers between the pages: to build elements, call the server, and sign in and out. */
import { createBrowserClient } from '/vortex/index.js';

/** The client of the Vortex routes. Each call rejects with an error that has the server's `message`, `status` and `code`. */
export const vortex = createBrowserClient();

/** Creates an element. String children become text nodes, so a name or an address is never parsed as markup. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const UNREACHABLE = 'The server cannot be reached. Check your connection and try again.';

/** Calls a route of the application. Rejects with an error that has the server's `message`, `status` and `code`. */
export async function call(method, path, body) {
  const content = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(path, { method, ...content }).catch(() => {
    throw new Error(UNREACHABLE);
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.error), { status: response.status, code: answer.code });
}

/** Returns the open invitations to the signed-in user. The server refuses any other address. */
export function invitationsTo({ email }) {
  return vortex.getInvitationsByTarget('email', email);
}

/** Returns the names of the teams that an invitation is for. */
export function nameOf({ scopes = [] }) {
  return scopes.map(({ name }) => name).join(', ') || 'Commons';
}

let fading;

/** Shows a message, which screen readers announce. A success disappears after 8 seconds, an error or an action stays until dismissed. */
export function say(message, kind = 'good', action = '') {
  const toast = document.querySelector('.toast');
  const isFading = kind === 'good' && !action;
  toast.className = `toast ${kind}`;
  // Any button removes the message before it acts, so this one does nothing more.
  const dismiss = !isFading && button('Dismiss', () => {});
  toast.replaceChildren(...(message ? [h('span', {}, message), action, dismiss].filter(Boolean) : []));
  clearTimeout(fading);
  if (isFading) fading = setTimeout(() => toast.replaceChildren(), 8000);
}

/** Creates a button that ignores clicks while its action runs, and then shows the result. It keeps the focus. */
export function button(label, work, properties = {}) {
  const element = h('button', { type: 'button', ...properties }, label);
  element.addEventListener('click', async () => {
    if (element.ariaBusy) return;
    element.ariaBusy = 'true';
    say('');
    try {
      const message = await work();
      if (message) say(message);
    } catch (error) {
      say(sentenceFor(error), 'bad');
    }
    element.ariaBusy = null;
  });
  return element;
}

/** Returns what to show for an error. The message about a refused field names the field, which is for programs. */
function sentenceFor({ code, message }) {
  if (code === 'NETWORK_ERROR') return UNREACHABLE;
  const isInput = code === 'INVALID_REQUEST' || code === 'UPSTREAM_INVALID';
  return isInput ? 'That doesn’t look right. Check what you entered and try again.' : message;
}

/** Creates a person's initials, name and address. `badge` follows the name. */
export function person({ id, name, email }, badge) {
  const initials = name.split(' ').map((word) => word[0]);
  const hue = [...id].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  return [
    h('span', { className: `avatar hue-${hue}`, ariaHidden: 'true' }, initials.join('')),
    h('span', { className: 'who' }, h('span', {}, h('strong', {}, name), ' ', badge), h('small', {}, email)),
  ];
}

export const tag = (text, kind = '') => h('span', { className: `tag ${kind}` }, text);

/** Fills the page: the signed-in user, and the result of `content`. If that fails, shows the reason. */
export async function show(content) {
  const main = document.querySelector('main');
  try {
    const { user, outboxUrl, componentUrl } = await call('GET', '/api/me');
    const items = [
      user && h('span', { className: 'me' }, user.name),
      outboxUrl && h('a', { href: outboxUrl, target: '_blank', rel: 'noopener', className: 'quiet' }, 'Open outbox'),
      user && componentUrl && button('Try your token', () => tryToken(componentUrl)),
      user && button('Sign out', signOut),
    ];
    document.querySelector('nav').replaceChildren(...items.filter(Boolean));
    main.replaceChildren(...(await content({ user, outboxUrl })));
  } catch (error) {
    main.replaceChildren(
      notice(
        'Something went wrong',
        error.message,
        button('Try again', () => location.reload()),
      ),
    );
  }
}

export function notice(title, text, ...rest) {
  return h('section', { className: 'card hero' }, h('h1', {}, title), h('p', {}, text), rest);
}

/** Opens the stand-in for the component with a token for a team of the admin, as a page gives it to the component of the vendor. */
async function tryToken(componentUrl) {
  const { teams } = await call('GET', '/api/teams');
  const team = teams.find(({ role }) => role === 'admin');
  const token = await vortex.getJwt(team && { scopeType: 'team', scope: team.id }); // without a team, it is refused
  location.href = `${componentUrl}#token=${token}`;
}

export async function signOut() {
  await call('DELETE', '/api/session');
  location.reload();
}

/** Creates a list of buttons, one for each user, that sign in as that user. */
export async function signIn() {
  const { groups } = await call('GET', '/api/people');
  const choose = (userId) => async () => {
    await call('POST', '/api/session', { userId });
    location.reload();
  };
  return h(
    'div',
    { className: 'columns' },
    groups.map(({ name, people }) => {
      const choices = people.map((one) =>
        h('li', {}, button(person(one, one.role === 'admin' && tag('Admin')), choose(one.id), { className: 'row' })),
      );
      const list =
        choices.length > 0
          ? h('ul', { className: 'list' }, choices)
          : h('p', { className: 'empty' }, 'Everyone is on a team.');
      return h('section', { className: 'card', ariaLabel: name }, h('h2', {}, name), list);
    }),
  );
}

/** Creates a button for each forbidden request, and a place that shows the server's response. */
export function attempts(tries) {
  const answer = h('div', { className: 'answer', ariaLive: 'polite' }, 'The server’s answer appears here.');
  const attempt = (method, path, body) => async () => {
    const outcome = await call(method, path, body).then(
      () => [tag('200', 'good'), ' Allowed.'],
      ({ status, code, message }) => [tag(status, 'bad'), h('code', {}, code), h('span', {}, message)],
    );
    answer.replaceChildren(h('code', { className: 'request' }, `${method} ${path}`), h('p', {}, outcome));
  };
  const buttons = tries.map(([label, ...request]) => button(label, attempt(...request)));
  return [h('div', { className: 'actions' }, buttons), answer];
}
