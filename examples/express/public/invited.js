import { attempts, button, h, invitationsTo, nameOf, notice, show, signIn, signOut, vortex } from '/page.js';

const invitationId = new URLSearchParams(location.search).get('invitationId');

await show(async ({ user, outboxUrl }) => {
  if (!invitationId) return [notice('This link is incomplete', 'Open the link in your email again.')];
  if (!user) return welcome();
  // Users may list only the invitations to their own address. This page needs no others.
  const found = (await invitationsTo(user)).find((each) => each.id === invitationId);
  return [found ? invitation(found, user) : notFor(user, outboxUrl)];
});

async function welcome() {
  const text = 'Continue as the person who was invited.';
  return [h('h1', {}, 'You’re invited'), h('p', { className: 'lead' }, text), await signIn()];
}

function invitation(found, { email }) {
  const { creatorName, scopes = [], expires } = found;
  const team = scopes[0]?.scopeId ?? '';
  const accept = async () => {
    // Send the invitation's id only. The server accepts it for the signed-in user.
    await vortex.acceptInvitations([invitationId]);
    location.assign(`/?${new URLSearchParams({ joined: team })}`);
  };
  const actions = h(
    'div',
    { className: 'actions' },
    button('Accept', accept, { className: 'primary' }),
    h('a', { className: 'button', href: '/' }, 'Not now'),
  );
  const name = nameOf(found);
  const until =
    expires && `This invitation expires on ${new Date(expires).toLocaleDateString([], { dateStyle: 'long' })}.`;
  const text = `${creatorName ?? 'A team admin'} invited ${email}.`;
  const card = notice(`Join ${name}`, text, until && h('small', {}, until), actions);
  card.prepend(h('span', { className: 'badge', ariaHidden: 'true' }, name[0]));
  return card;
}

function notFor({ email }, outboxUrl) {
  const why = `It was not sent to ${email}, or it is no longer open. The link alone is not enough.`;
  const accept = ['Try to accept it', 'POST', '/api/vortex/invitations/accept', { invitationIds: [invitationId] }];
  return notice(
    'You can’t accept this invitation',
    why,
    attempts([accept]),
    button('Sign in as another user', signOut),
    outboxUrl && h('a', { href: outboxUrl }, 'Open the outbox'),
  );
}
