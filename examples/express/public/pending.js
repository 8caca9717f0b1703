import { button, h, say, tag, vortex } from '/page.js';

/** The saved configuration of a component with which invitations are sent. The emulator accepts any text. For the cloud, set its id. */
const WIDGET_CONFIGURATION_ID = '3c9f2a54-6d0e-4b7c-9a61-0f5b8e2d7c10';

const PAGE_SIZE = 20;

/** Creates the list of a team's open invitations and the form to invite someone. For admins of the team only. */
export async function pending(team) {
  const heading = h('h2', { tabIndex: -1 });
  const list = h('div');
  const refresh = async () => {
    const found = await openInvitations(team);
    const rows = found.map((invitation) => invitationRow(invitation, refresh));
    const empty = h(
      'p',
      { className: 'empty' },
      h('strong', {}, 'No pending invitations'),
      ' People you invite appear here until they accept.',
    );
    const focused = list.contains(document.activeElement) && document.activeElement.id;
    heading.textContent = `Pending invitations (${rows.length})`;
    list.replaceChildren(rows.length > 0 ? h('ul', { className: 'list' }, rows) : empty);
    // The list replaced the pressed button. Restore the focus, so that keyboard users keep their place.
    if (focused) (document.getElementById(focused) ?? heading).focus();
  };
  await refresh();
  return [heading, list, inviteForm(team, refresh)];
}

async function openInvitations(team) {
  const found = [];
  // The last page is not full. Stop after 10 pages in any case.
  for (let start = 0; start === found.length && start < 10 * PAGE_SIZE; start += PAGE_SIZE) {
    found.push(...(await vortex.getInvitationsByScope('team', team.id, { start })));
  }
  return found.reverse();
}

function invitationRow({ id, target = [], status, creatorName, createdAt, deliveryCount }, refresh) {
  const to = target.map(({ value }) => value).join(', ');
  const at = createdAt && new Date(createdAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  const times = deliveryCount > 1 && `sent ${deliveryCount} times`;
  const act = (work, message) => async () => {
    await work();
    await refresh();
    return message;
  };
  const resend = act(() => vortex.reinvite(id), `Invitation to ${to} sent again.`);
  const revoke = act(() => vortex.revokeInvitation(id), `Invitation to ${to} revoked.`);
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
      button('Resend', resend, { id: `resend-${id}`, ariaLabel: `Resend invitation to ${to}` }),
      button('Revoke', revoke, { id: `revoke-${id}`, ariaLabel: `Revoke invitation to ${to}`, className: 'danger' }),
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
    const request = { widgetConfigurationId: WIDGET_CONFIGURATION_ID, target, scopes };
    const { shortLink } = await vortex.createInvitation(request);
    const message = `Invitation to ${input.value} sent.`;
    input.value = '';
    await refresh();
    // Only this answer has the link. Only the invited person can accept by it.
    if (!shortLink) return message;
    const copy = () => navigator.clipboard.writeText(shortLink).then(() => 'Link copied.');
    say(message, 'good', button('Copy link', copy));
    return undefined;
  };
  const send = button('Invite', submit, { className: 'primary' });
  const form = h(
    'form',
    { noValidate: true },
    h('label', { htmlFor: input.id }, 'Email address'),
    h('div', { className: 'field' }, input, send),
    h('small', {}, "Try Nora (o'brien@example.com) or Zoë (zoe@example.com). They are not on a team yet."),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send.click();
  });
  return form;
}
