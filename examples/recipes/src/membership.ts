/** The standard task, whole: admins invite to their team, invitees accept, and the webhook adds the member. */
import { type Invitation, VortexClient, VortexError } from '@vortex/core';
import { allOf, anyOf, inEveryScope, isInvitee, isInviter, mayAccept } from '@vortex/core/rules';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express from 'express';
import session from 'express-session';
import { type Account, checkPassword, findAccount, findAccountByEmail, userOf } from './accounts.js';
import { addMember, roleIn } from './teams.js';

declare module 'express-session' {
  interface SessionData {
    accountId: string;
  }
}

const client = new VortexClient(process.env.VORTEX_API_KEY);

/** An admin of every team that the operation, or its invitation, is for. Compare the type: a project may have the id of a team. */
const isAdmin = inEveryScope(async ({ type, scopeId }, { id }: Pick<Account, 'id'>) => {
  return type === 'team' && (await roleIn(scopeId, id)) === 'admin';
});
const isMember = inEveryScope(async ({ type, scopeId }, { id }: Pick<Account, 'id'>) => {
  return type === 'team' && (await roleIn(scopeId, id)) !== undefined;
});
/** An admin, or the inviter as long as they belong to the team. */
const managesInvitation = anyOf(isAdmin, allOf(isInviter, isMember));

export const app: express.Express = express();

// Before express.json(), because the signature covers the raw bytes of the body.
app.post(
  '/webhooks/vortex',
  vortexWebhook({
    secret: process.env.VORTEX_WEBHOOK_SECRET,
    // For several processes, set `store`: the default one is in the memory of this process.
    on: {
      'group.member.added': async ({ timestamp, data: { invitationId, scopeType, scope, user } }) => {
        // Only the signature of an event is checked. Each field may be missing.
        if (scopeType !== 'team' || !scope || !invitationId || !user?.email) return;
        const account = await findAccountByEmail(user.email); // ignores case: the address is as the user has typed it
        const invitation = await findInvitation(invitationId);
        if (!account?.emailVerified || !invitation || !(await mayJoin(scope, invitation, account))) return;
        // Does nothing if the invitation is older than the user's last acceptance or removal.
        await addMember(scope, account.id, { invitedAt: invitation.createdAt, acceptedAt: timestamp });
      },
    },
  }),
);

async function mayJoin(team: string, invitation: Invitation, account: Account): Promise<boolean> {
  // An invitation that was revoked after its acceptance does not count. One that has expired since is deactivated too, and counts.
  if (invitation.deactivated && !invitation.expired) return false;
  // The component of Vortex invites without asking your rules. So ask here whether the inviter may.
  if ((await roleIn(team, invitation.foreignCreatorId ?? '')) !== 'admin') return false;
  // Everyone who has a share link may use it. Every other invitation is for its addressee.
  if (invitation.target?.some(({ type }) => type === 'share')) return true;
  return await isInvitee({ loadInvitation: async () => invitation }, userOf(account));
}

/** A deleted invitation adds no member. Any other failure is thrown, so that the event is delivered again. */
async function findInvitation(id: string): Promise<Invitation | undefined> {
  try {
    return await client.getInvitation(id);
  } catch (error) {
    if (VortexError.is(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

app.use(
  session({
    secret: process.env.SESSION_SECRET ?? '',
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  }),
);

app.use(
  '/api/vortex',
  vortexRouter({
    client,
    authenticateUser: async (req) => {
      const account = await findAccount(req.session.accountId);
      return account ? userOf(account) : null; // with an address only if it is verified
    },
    authorizeOperation: {
      JWT: async ({ context: { scopeType, scope = '' } = {} }, { id }) =>
        scopeType === 'team' && (await roleIn(scope, id)) === 'admin',
      GET_INVITATIONS: (op) => op.self, // those to an address of the caller
      CREATE_INVITATION: isAdmin,
      GET_GROUP_INVITATIONS: isAdmin,
      GET_INVITATION: anyOf(isInvitee, managesInvitation),
      REVOKE_INVITATION: managesInvitation,
      REINVITE: managesInvitation,
      ACCEPT_INVITATIONS: mayAccept, // not `true`, and not `op.self`: links are forwarded
    },
  }),
);

app.post('/sign-in', express.json(), async (req, res, next) => {
  const account = await checkPassword(req.body?.email, req.body?.password);
  if (!account) return void res.status(401).end();
  req.session.regenerate((error) => {
    if (error) return next(error);
    req.session.accountId = account.id;
    res.status(204).end();
  });
});
