import { button, call, h, invitations, tag } from '/page.js';

/** The Vortex component that invitations belong to. The emulator takes any; for the cloud put one of yours here. */
const COMPONENT_ID = '3c9f2a54-6d0e-4b7c-9a61-0f5b8e2d7c10';

const PAGE_SIZE = 20;

/** Who is invited to a team, and the form to invite somebody: for its admins. */
export async function pending(team) {
  const heading = h('h2', { tabIndex: -1 });
  const list = h('div');
  const refresh = async () => {
    const found = await openInvitations(team);
    const rows = found.map((invitation) => invitationRow(invitation, refresh));
    const nobody = h(
      'p',
      { className: 'empty' },
      h('strong', {}, 'Nobody is invited.'),
      ' Whoever you invite waits here.',
    );
    const focused = list.contains(document.activeElement) && document.activeElement.id;
    heading.textContent = `Invited (${rows.length})`;
    list.replaceChildren(rows.length > 0 ? h('ul', { className: 'list' }, rows) : nobody);
    // The button that was pressed is gone; a keyboard must not start from the top of the page again.
    if (focused) (document.getElementById(focused) ?? heading).focus();
  };
  await refresh();
  return [heading, list, inviteForm(team, refresh)];
}

async function openInvitations(team) {
  const found = [];
  // The end is a page that is not full; the bound is for a server that never gives one.
  for (let start = 0; start === found.length && start < 10 * PAGE_SIZE; start += PAGE_SIZE) {
    found.push(...(await call('GET', `${invitations}/by-scope/team/${team.id}?start=${start}`)).invitations);
  }
  return found.reverse();
}

function invitationRow({ id, target = [], status, creatorName, createdAt, deliveryCount }, refresh) {
  const to = target.map(({ value }) => value).join(', ');
  const at = createdAt && new Date(createdAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  const times = deliveryCount > 1 && `sent ${deliveryCount} times`;
  const act = (method, path, message) => async () => {
    await call(method, path);
    await refresh();
    return message;
  };
  const path = `${invitations}/${id}`;
  const resend = act('POST', `${path}/reinvite`, `Sent to ${to} once more.`);
  const revoke = act('DELETE', path, `The invitation of ${to} is revoked.`);
  return h(
    'li',
    { className: 'row', ariaLabel: to },
    h(
      'span',
      { className: 'who' },
      h('strong', {}, to),
      h('small', {}, [creatorName, at, times].filter(Boolean).join(' · ')),
    ),
    tag(status ?? 'open', 'wait'),
    h(
      'span',
      { className: 'actions' },
      button('Re-send', resend, { id: `resend-${id}`, ariaLabel: `Re-send to ${to}` }),
      button('Revoke', revoke, { id: `revoke-${id}`, ariaLabel: `Revoke ${to}`, className: 'danger' }),
    ),
  );
}

function inviteForm(team, refresh) {
  const input = h('input', {
    type: 'email',
    id: `invite-${team.id}`,
    required: true,
    maxLength: 254,
    autocomplete: 'off',
  });
  const submit = async () => {
    if (!input.reportValidity()) return undefined;
    const scopes = [{ type: 'team', scopeId: team.id, name: team.name }];
    const target = { type: 'email', value: input.value };
    await call('POST', invitations, { widgetConfigurationId: COMPONENT_ID, target, scopes });
    const message = `Invitation to ${input.value} is on its way.`;
    input.value = '';
    await refresh();
    return message;
  };
  const send = button('Invite', submit, { className: 'primary' });
  const form = h(
    'form',
    { noValidate: true },
    h('label', { htmlFor: input.id }, 'E-mail address'),
    h('div', { className: 'field' }, input, send),
    h('small', {}, "Nora and Zoë start without a team: o'brien@example.com, zoe@example.com."),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send.click();
  });
  return form;
}
