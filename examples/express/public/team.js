import {
  attempts,
  button,
  call,
  h,
  invitations,
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
    h('h1', {}, 'Who would you like to be?'),
    h('p', { className: 'lead' }, 'Two teams invite people here. It is a demo: pick anybody, there are no passwords.'),
    await signIn(),
  ];
}

async function home(user) {
  // Somebody comes from the page where they have accepted.
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

/** The server hears of a new member by webhook, which may take a moment longer than the page. */
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
  else say('You have accepted. It takes a little longer until you are a member; reload in a moment.', 'bad');
  history.replaceState(null, '', '/');
}

function noTeam({ email }) {
  const text = `Ask an admin to invite ${email}. The invitation will show up here and in your mail.`;
  return notice('You are in no team yet', text, button('Sign in as an admin', signOut));
}

function invitedCard(list) {
  const rows = list.map((each) => {
    const href = `/invited?${new URLSearchParams({ invitationId: each.id })}`;
    const from = h('small', {}, `${each.creatorName ?? 'Somebody'} invited you`);
    const who = h('span', { className: 'who' }, h('strong', {}, nameOf(each)), from);
    return h('li', { className: 'row' }, who, h('a', { className: 'button', href }, 'View invitation'));
  });
  return h('section', { className: 'card' }, h('h2', {}, 'For you'), h('ul', { className: 'list' }, rows));
}

async function teamCard(team) {
  const members = team.members.map((member) =>
    h('li', { className: 'row' }, person(member, team.id, member.role === 'admin' && tag('Admin'))),
  );
  return h(
    'section',
    { className: 'card', ariaLabel: team.name },
    h(
      'div',
      { className: 'title' },
      h('h1', {}, team.name),
      tag(team.role === 'admin' ? 'You are an admin' : 'You are a member'),
    ),
    h('h2', {}, `Members (${members.length})`),
    h('ul', { className: 'list' }, members),
    ...(team.role === 'admin'
      ? await pending(team)
      : [h('h2', {}, 'Invitations'), h('p', { className: 'empty' }, 'Only admins invite, and see who is invited.')]),
  );
}

function otherCard(team) {
  const scope = `${invitations}/by-scope/team/${team.id}`;
  return h(
    'section',
    { className: 'card other', ariaLabel: team.name },
    h('div', { className: 'title' }, h('h2', { className: 'name' }, team.name), tag('Another team')),
    h('p', {}, 'The buttons below are not hidden from you, since it is not the page that decides. Try them.'),
    attempts([
      ['List its invitations', 'GET', scope],
      ['Revoke all of them', 'DELETE', scope],
    ]),
  );
}
