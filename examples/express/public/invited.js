import { attempts, button, call, h, invitations, invitationsTo, nameOf, notice, show, signIn, signOut } from '/page.js';

const invitationId = new URLSearchParams(location.search).get('invitationId');

await show(async ({ user, outboxUrl }) => {
  if (!invitationId) return [notice('This link is not complete', 'Follow the link in your mail once more.')];
  if (!user) return welcome();
  // Only what is addressed to the user can be read here, and that is all that this page needs.
  const found = (await invitationsTo(user)).find((each) => each.id === invitationId);
  return [found ? invitation(found, user) : notFor(user, outboxUrl)];
});

async function welcome() {
  const text = 'Sign in as the person the invitation was sent to. There are no passwords in this demo.';
  return [h('h1', {}, 'You are invited'), h('p', { className: 'lead' }, text), await signIn()];
}

function invitation(found, { email }) {
  const { creatorName, scopes = [] } = found;
  const team = scopes[0]?.scopeId ?? '';
  const accept = async () => {
    // Only which invitation: who accepts it is the one who is signed in.
    await call('POST', `${invitations}/accept`, { invitationIds: [invitationId] });
    location.assign(`/?${new URLSearchParams({ joined: team })}`);
  };
  const actions = h(
    'div',
    { className: 'actions' },
    button('Accept', accept, { className: 'primary' }),
    h('a', { className: 'button', href: '/' }, 'Not now'),
  );
  const name = nameOf(found);
  const card = notice(`Join ${name}`, `${creatorName ?? 'Somebody'} invited ${email}.`, actions);
  card.prepend(h('span', { className: 'avatar large', ariaHidden: 'true', 'data-team': team }, name[0]));
  return card;
}

function notFor({ email }, outboxUrl) {
  const why = 'It was sent to somebody else, has been accepted, or was revoked. Having the link is not enough.';
  const accept = ['Accept it anyway', 'POST', `${invitations}/accept`, { invitationIds: [invitationId] }];
  return notice(
    `This invitation is not for ${email}, or no longer open`,
    why,
    attempts([accept]),
    button('Sign in as somebody else', signOut),
    outboxUrl && h('a', { href: outboxUrl }, 'Look for it in the outbox'),
  );
}
