/** Runs in the page of a component. Calls the client API with the token, and shows what it answers. */
export const COMPONENT_SCRIPT = `
const part = (id) => document.getElementById(id);
const component = document.querySelector('main').dataset.component;
let token = '';
const say = (text, isBad) => {
  part('status').textContent = text;
  part('status').className = isBad ? 'bad' : 'good';
};
const call = async (method, path, body) => {
  const headers = { authorization: 'Bearer ' + token };
  const response = await fetch('/api/v1' + path, { method, headers, body: body && JSON.stringify(body) }).catch(() => null);
  if (!response) return say('The emulator has stopped.', true);
  const answer = await response.json();
  if (response.ok) return answer;
  say('Refused with ' + response.status + '. ' + [].concat(answer.message).join(' '), true);
};
const claims = () => {
  const text = atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0))));
};
const form = () => {
  const [, type, groupId] = /^(?:([^:]+):)?(.+)$/.exec(claims().scope || '') || [];
  return { widgetConfigurationId: component, groups: groupId ? [{ type, groupId, name: groupId }] : [] };
};
const list = async () => {
  const answer = await call('GET', '/invitations/sent');
  if (!answer) return;
  const rows = answer.data.invitations.reverse().map(({ targets, status }) => {
    const row = document.createElement('li');
    const [target] = targets;
    row.textContent = (target.targetType === 'share' ? 'Link to share' : target.targetValue) + ': ' + status;
    return row;
  });
  part('sent').replaceChildren(...rows);
};
const use = async () => {
  part('signed-in').hidden = true;
  say('', false);
  const widget = await call('GET', '/widgets/' + encodeURIComponent(component));
  if (!widget) return;
  const { user, userId, userEmail } = claims();
  const email = user ? user.email : userEmail;
  say('The token is right. It is for user ' + (user ? user.id : userId) + (email ? ', ' + email : '') + '.', false);
  part('signed-in').hidden = false;
  await list();
};
part('use').addEventListener('submit', (event) => {
  event.preventDefault();
  // The whole answer of /jwt may be pasted.
  const [found] = /[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+/.exec(part('token').value) || [];
  token = found || part('token').value.trim();
  use();
});
part('invite').addEventListener('submit', async (event) => {
  event.preventDefault();
  const email = part('email').value;
  const answer = await call('POST', '/invitations', { ...form(), payload: { emails: { type: 'email', value: email } } });
  if (!answer) return;
  say('Invited ' + email + '. The link is ' + answer.data.invitationEntries[0].shortLink, false);
  part('email').value = '';
  await list();
});
part('share').addEventListener('click', async () => {
  const answer = await call('POST', '/invitations/generate-shareable-link-invite', form());
  if (!answer) return;
  say('The link is ' + answer.data.invitation.shortLink, false);
  await list();
});
const fromAddress = () => {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (!given) return;
  token = part('token').value = given.trim();
  use();
};
addEventListener('hashchange', fromAddress);
fromAddress();
`;
