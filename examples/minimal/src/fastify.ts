import { anyOf, inEveryScope, isInvitee } from '@vortex/core/rules';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify from 'fastify';

// Stands in for your database. Each address is verified: invitations are read and accepted by address.
const users = [
  { id: 'ada', email: 'ada@example.com' },
  { id: 'bo', email: 'bo@example.com' },
];
const roles = new Map([['ada', 'admin']]); // of the only team, "harbor"

// Stands in for your session. This cookie is not signed, so anyone can be any user.
const findUser = (cookies = '') => users.find(({ id }) => cookies.split('; ').includes(`user=${id}`)) ?? null;
const isAdmin = inEveryScope(({ type, scopeId }, user: { id: string }) => {
  return type === 'team' && scopeId === 'harbor' && roles.get(user.id) === 'admin';
});

const app = fastify({ logger: true });

// 1. The routes for your frontend. They call Vortex with your API key if the rule of the operation returns true.
await app.register(
  vortexPlugin({
    apiKey: process.env.VORTEX_API_KEY, // if undefined, this throws an error that names the option
    authenticateUser: (request) => findUser(request.headers.cookie), // returns the caller, or null if signed out
    authorizeOperation: {
      JWT: (_op, user) => roles.get(user.id) === 'admin', // for the component of Vortex, which can invite with this token
      CREATE_INVITATION: isAdmin,
      REVOKE_INVITATION: isAdmin,
      GET_INVITATION: anyOf(isInvitee, isAdmin),
      ACCEPT_INVITATIONS: isInvitee,
    }, // an operation without a rule is denied
  }),
  { prefix: '/api/vortex' },
);

// 2. Your landing page. The link in an invitation opens it, with `?invitationId=…`.
app.get('/invitation', (_request, reply) => reply.type('text/html').send(page()));

// 3. The webhook, by which Vortex tells your server who has joined.
await app.register(
  vortexWebhookPlugin({
    secret: process.env.VORTEX_WEBHOOK_SECRET,
    on: {
      'group.member.added': ({ data: { foreignCreatorId, scopeType, scope, target, user } }) => {
        const email = user?.email?.toLowerCase(); // as the user has typed it
        const member = users.find((one) => one.email.toLowerCase() === email);
        if (!member || !target?.some(({ value }) => value === member.id || value.toLowerCase() === email)) return;
        if (scopeType !== 'team' || scope !== 'harbor') return;
        if (roles.get(foreignCreatorId ?? '') !== 'admin') return; // the component invites without asking your rules
        // An event may come twice, and late. Before you let admins remove members, read the guide on webhooks.
        if (!roles.has(member.id)) roles.set(member.id, 'member');
      },
    },
  }),
  { prefix: '/webhooks/vortex' },
);

// 4. Your team page.
app.get('/members', () => [...roles.keys()]);

await app.listen({ port: Number(process.env.PORT ?? 3000) });

function page() {
  return `<!doctype html>
<title>Your invitation</title>
<button id="sign-in">Sign in as Bo</button>
<button id="accept">Accept the invitation</button>
<p id="answer"></p>
<script type="module">
  const show = (text) => document.getElementById('answer').replaceChildren(text);
  document.getElementById('sign-in').onclick = () => {
    document.cookie = 'user=bo; path=/';
    show('You are signed in as Bo.');
  };
  document.getElementById('accept').onclick = async () => {
    const invitationIds = [new URLSearchParams(location.search).get('invitationId')];
    const reply = await fetch('/api/vortex/invitations/accept', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ invitationIds }),
    });
    show(reply.ok ? 'Welcome to the team!' : (await reply.json()).error);
  };
</script>`;
}
