/** The standard task, whole: admins invite to their team, invitees accept, and the webhook adds the member. */
import { allOf, anyOf, inEveryScope, isInvitee, isInviter, isShareLink, mayAccept } from '@vortex/core/rules';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express from 'express';
import session from 'express-session';
import { type Account, checkPassword, findAccount, userOf } from './accounts.js';
import { on } from './member-added.js';
import { roleIn } from './teams.js';

declare module 'express-session' {
  interface SessionData {
    accountId: string;
  }
}

/** An admin of every team that the operation, or its invitation, is for. Compare the type: a project may have the id of a team. */
const isAdmin = inEveryScope(async ({ type, scopeId }, { id }: Pick<Account, 'id'>) => {
  return type === 'team' && (await roleIn(scopeId, id)) === 'admin';
});
const isMember = inEveryScope(async ({ type, scopeId }, { id }: Pick<Account, 'id'>) => {
  return type === 'team' && (await roleIn(scopeId, id)) !== undefined;
});
/** An admin, or the inviter as long as they belong to the team. */
const managesInvitation = anyOf(isAdmin, allOf(isInviter, isMember));

const { SESSION_SECRET } = process.env;
if (!SESSION_SECRET) throw new Error('Set SESSION_SECRET to a long random text.');

export const app: express.Express = express();

// Before express.json(), because the signature covers the raw bytes of the body.
app.post(
  '/webhooks/vortex',
  vortexWebhook({
    secret: process.env.VORTEX_WEBHOOK_SECRET,
    // For several processes, set `store`: the default one is in the memory of this process.
    on,
  }),
);

app.use(
  session({
    secret: SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  }),
);

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
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
      GET_INVITATION: anyOf(isInvitee, isShareLink, managesInvitation),
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
