import {
  attempts,
  button,
  call,
  h,
  invitationsTo,
  nameOf,
  notice,
  person,
  say,
  show,
  signIn,
  signOut,
  tag,
} from '/page.js';
import { pending } from '/pending.js';

await show(({ user }) => (user ? home(user) : welcome()));

async function welcome() {
  return [
    h('h1', {}, 'Sign in to Commons'),
    h('p', { className: 'lead' }, 'Continue as a demo user. This demo has no passwords.'),
    await signIn(),
  ];
}

async function home(user) {
  // The page of an invitation adds `joined` when the user has accepted.
  const joined = new URLSearchParams(location.search).get('joined');
  const [teams, mine] = await Promise.all([teamsWith(joined), invitationsTo(user)]);
  const own = teams.filter((team) => team.role);
  const others = teams.filter((team) => !team.role);
  if (joined) greet(own.find((team) => team.id === joined));
  return [
    ...(mine.length > 0 ? [invitedCard(mine)] : []),
    ...(mine.length === 0 && own.length === 0 ? [noTeam(user)] : []),
    ...(await Promise.all(own.map(teamCard))),
    ...others.map(otherCard),
  ];
}

/** Loads the teams. Waits until the user is in `joined`: the server adds members by webhook, which may arrive later. */
async function teamsWith(joined) {
  for (let attempt = 1; ; attempt += 1) {
    const { teams } = await call('GET', '/api/teams');
    const isThere = teams.some((team) => team.id === joined && team.role);
    if (joined === null || isThere || attempt === 20) return teams;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function greet(team) {
  if (team) say(`Welcome to ${team.name}.`);
  else say('You accepted the invitation, and you’ll be on the team shortly. Reload this page in a moment.', 'bad');
  history.replaceState(null, '', '/');
}

function noTeam({ email }) {
  const text = `Ask a team admin to invite ${email}. The invitation will appear here and in your email.`;
  return notice('You’re not on a team yet', text, button('Sign in as an admin', signOut));
}

function invitedCard(list) {
  const rows = list.map((each) => {
    const href = `/invited?${new URLSearchParams({ invitationId: each.id })}`;
    const from = h('small', {}, `${each.creatorName ?? 'A team admin'} invited you`);
    const who = h('span', { className: 'who' }, h('strong', {}, nameOf(each)), from);
    return h('li', { className: 'row' }, who, h('a', { className: 'button', href }, 'View invitation'));
  });
  return h('section', { className: 'card' }, h('h2', {}, 'Your invitations'), h('ul', { className: 'list' }, rows));
}

async function teamCard(team) {
  const heading = h('h2', { tabIndex: -1 });
  const list = h('ul', { className: 'list' });
  const fill = (members) => {
    heading.textContent = `Members (${members.length})`;
    list.replaceChildren(...members.map(row));
  };
  const row = (member) => {
    const remove = async () => {
      const { members } = await call('DELETE', `/api/teams/${team.id}/members/${member.id}`);
      fill(members);
      heading.focus(); // The pressed button is gone. Keyboard users keep their place.
      return `${member.name} is no longer on the team.`;
    };
    const isRemovable = team.role === 'admin' && member.role === 'member';
    const properties = { className: 'danger', ariaLabel: `Remove ${member.name}` };
    return h(
      'li',
      { className: 'row' },
      person(member, member.role === 'admin' && tag('Admin')),
      isRemovable && button('Remove', remove, properties),
    );
  };
  fill(team.members);
  return h(
    'section',
    { className: 'card', ariaLabel: team.name },
    h(
      'div',
      { className: 'title' },
      h('h1', {}, team.name),
      tag(team.role === 'admin' ? 'You’re an admin' : 'You’re a member'),
    ),
    heading,
    list,
    ...(team.role === 'admin'
      ? await pending(team)
      : [h('h2', {}, 'Invitations'), h('p', { className: 'empty' }, `Only admins of ${team.name} can invite people.`)]),
  );
}

function otherCard(team) {
  const scope = `/api/vortex/invitations/by-scope/team/${team.id}`;
  return h(
    'section',
    { className: 'card other', ariaLabel: team.name },
    h('div', { className: 'title' }, h('h2', { className: 'name' }, team.name), tag('Another team')),
    h('p', {}, 'You’re not on this team, so the server refuses both requests. Try them.'),
    attempts([
      ['List invitations', 'GET', scope],
      ['Revoke all invitations', 'DELETE', scope],
    ]),
  );
}
