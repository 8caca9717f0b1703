/**
 * Serves the API that the vendor's components call in browsers and on phones. It shares paths with the server API: a
 * request with a bearer token, and without an API key, is one of the client API.
 */

import { randomUUID } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { type Context, type Handler, Hono } from 'hono';
import { cors } from 'hono/cors';
import { readBody } from './bodies.js';
import { acceptOwnBody, inviteBody, shareBody, targetLists } from './client-bodies.js';
import { normalizeDomains } from './domains.js';
import { ApiError, answerError, answerNotFound } from './errors.js';
import type { AcceptingUser } from './events.js';
import type { Faults } from './faults.js';
import { ACCOUNT, initialStatus, isExpired, isOpen, iso, present } from './invitation.js';
import { type AppEnv, CLIENT_ROUTES, type ClientRoute } from './routes.js';
import type { InvitationRecord, State, TargetRecord } from './state.js';
import type { Store } from './store.js';
import { emailDomain, sameTarget, targetRecord } from './target.js';
import { type Caller, judgeToken, TokenError } from './tokens.js';

interface ClientContext {
  state: State;
  store: Store;
  faults: Faults;
  apiKey: string;
  now: () => number;
  link: (code: string) => string;
  tokenExpiry: 'enforce' | 'warn';
  components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface ClientEnv extends AppEnv {
  Variables: { caller: Caller };
}

type PathOf<R extends ClientRoute> = R extends `client ${string} ${infer Path}` ? Path : never;
/** Maps every route to its handler. A route without a handler does not compile. */
type Handlers = { [R in ClientRoute]: Handler<ClientEnv, PathOf<R>> };

/** Tells whether a request, or the one that a preflight announces, is of the client API. The API key is for the server API. */
export function isOfClient({ req }: Context<AppEnv>): boolean {
  if (req.method === 'OPTIONS') return !/x-api-key/i.test(req.header('access-control-request-headers') ?? '');
  if (req.path === '/api/v1/events') return true;
  return req.header('x-api-key') === undefined && /^bearer /i.test(req.header('authorization') ?? '');
}

export function clientRoutes({
  state,
  store,
  faults,
  apiKey,
  now,
  link,
  tokenExpiry,
  components,
}: ClientContext): Hono<ClientEnv> {
  const app = new Hono<ClientEnv>();
  // Pages of any origin may call it, since browsers attach no token by themselves.
  app.use(cors());
  app.use(async (c, next) => {
    // In production, events go to a host of their own, without authentication.
    if (c.req.path === '/api/v1/events') return next();
    const token = (c.req.header('authorization') ?? '').replace(/^bearer /i, '').trim();
    try {
      const verdict = await judgeToken(token, apiKey, now());
      if (verdict.isExpired) {
        if (tokenExpiry === 'enforce') throw new TokenError(verdict.reason);
        warn(c, verdict.reason);
      }
      c.env.user = verdict.caller.id;
      c.set('caller', verdict.caller);
    } catch (error) {
      if (error instanceof TokenError) throw new ApiError(401, error.message);
      throw error;
    }
    await next();
  });

  /** Requires that the token is for the component, and for each of the scopes. Warns of a token that is for all scopes. */
  const requireContext = (
    c: Context<ClientEnv>,
    component: string,
    groups: readonly { type: string; scopeId: string }[] = [],
  ) => {
    const { caller } = c.var;
    const refuse = (problem: string) => {
      if (caller.isRestricted) throw new ApiError(401, problem);
      warn(c, `${problem} A token of the older format is not held to it.`);
    };
    if (caller.component !== undefined && caller.component !== component) {
      refuse(`The token is for the component "${caller.component}", not "${component}".`);
    }
    for (const { type, scopeId } of groups) {
      if (caller.scope === scopeId || caller.scope === `${type}:${scopeId}`) continue;
      if (caller.scope === undefined) {
        warn(
          c,
          `The token names no scope, so its user can invite to every scope, here to "${type}:${scopeId}". Let the webhook check that the inviter may invite there.`,
        );
      } else {
        refuse(`The token is for the scope "${caller.scope}", not "${type}:${scopeId}".`);
      }
    }
  };

  const list = (records: InvitationRecord[]) => records.map((record) => listed(record));

  const own = (c: Context<ClientEnv>, id: string) => {
    const record = store.get(id);
    if (isCreator(record, c.var.caller) || isAddressee(record, c.var.caller)) return record;
    throw new ApiError(403, `Invitation ${id} is neither from nor to the user of the token`);
  };

  const handlers: Handlers = {
    'client GET /api/v1/widgets/:componentId': (c) => {
      const id = c.req.param('componentId');
      requireContext(c, id);
      return c.json({ data: widget(id, components[id] ?? {}) });
    },
    'client POST /api/v1/invitations': async (c) => {
      const body = await readBody(c.req, inviteBody);
      const groups = body.groups ?? (body.group ? [body.group] : []);
      requireContext(c, body.widgetConfigurationId, groups);
      const lists = targetLists(body);
      const problems = lists.flatMap(({ problem }) => problem ?? []);
      if (lists.length === 0) problems.push('payload: needs a field of the type email, phone or internal');
      if (problems.length > 0) throw new ApiError(400, problems);
      requireAllowedDomains(
        c.var.caller,
        lists.flatMap(({ targets }) => targets),
      );
      const answers = { ...body.configurationAttributes, ...body.payload };
      const records = lists.map(({ targets }) =>
        store.invite({
          targets,
          groups,
          inviter: inviterOf(c.var.caller),
          widgetConfigurationId: body.widgetConfigurationId,
          source: body.source ?? 'widget',
          subtype: body.subtype ?? null,
          metadata: body.metadata ?? null,
          formSubmissionData: Object.keys(answers).length > 0 ? answers : null,
          passThrough: body.passThrough ?? undefined,
        }),
      );
      const invitationEntries = records.map((record) => ({
        id: record.id,
        status: initialStatus(record),
        shortLink: link(record.code),
      }));
      return c.json({ data: { invitationEntries } }, 201);
    },
    'client POST /api/v1/invitations/generate-shareable-link-invite': async (c) => {
      const body = await readBody(c.req, shareBody);
      const groups = body.groups ?? (body.group ? [body.group] : []);
      requireContext(c, body.widgetConfigurationId, groups);
      const { id, code, source } = store.invite({
        targets: [targetRecord('share', c.var.caller.id)],
        groups,
        inviter: inviterOf(c.var.caller),
        widgetConfigurationId: body.widgetConfigurationId,
        source: body.source ?? 'share',
        subtype: body.subtype ?? null,
        metadata: body.metadata ?? null,
        formSubmissionData: null,
      });
      return c.json({ data: { invitation: { id, shortLink: link(code), source, attributes: {} } } }, 201);
    },
    'client GET /api/v1/invitations/sent': (c) => {
      const isListed = (record: InvitationRecord) =>
        isCreator(record, c.var.caller) && !record.deactivated && !isExpired(record, now());
      return c.json({ data: { invitations: list([...state.invitations.values()].filter(isListed)) } });
    },
    'client GET /api/v1/invitations': (c) => {
      const isListed = (record: InvitationRecord) => isAddressee(record, c.var.caller) && isOpen(record, now());
      const invitations = list([...state.invitations.values()].filter(isListed));
      return c.json({ data: { invitations, nextCursor: null, hasMore: false, count: invitations.length } });
    },
    'client GET /api/v1/invitations/:invitationId': (c) => c.json(present(own(c, c.req.param('invitationId')), now())),
    'client DELETE /api/v1/invitations/:invitationId': (c) => {
      store.revoke(own(c, c.req.param('invitationId')).id);
      return c.json({});
    },
    'client POST /api/v1/invitations/accept': async (c) => {
      const { invitationId, isExisting } = await readBody(c.req, acceptOwnBody);
      const record = store.get(invitationId);
      // A share link is for everyone who has it.
      const isForAll = record.invitationType === 'multi_use';
      if (!isForAll && !isAddressee(record, c.var.caller)) {
        throw new ApiError(403, `Invitation ${invitationId} is not to the user of the token`);
      }
      const { id, emails, phones, name } = c.var.caller;
      const [email] = emails;
      const [phone] = phones;
      const user: AcceptingUser = {
        id,
        ...(email && { email }),
        ...(phone && { phone }),
        ...(name && { name }),
        ...(typeof isExisting === 'boolean' && { isExisting }),
      };
      const type = email ? 'email' : phone ? 'phone' : 'internal';
      store.accept([invitationId], user, targetRecord(type, email ?? phone ?? id, name));
      return c.json({});
    },
    'client POST /api/v1/deferred-links/match': (c) => c.json({ matched: false }),
    'client POST /api/v1/events': (c) => c.json({}, 202),
  };

  for (const route of CLIENT_ROUTES) {
    const [, method, path] = route.split(' ') as [string, string, string];
    const handler = handlers[route] as Handler<ClientEnv>;
    app.on(method, path, (c, next) => faults.answer(route, c.env, async () => handler(c, next) as Promise<Response>));
  }

  app.notFound(answerNotFound);
  app.onError(answerError);
  return app;
}

/** Adds a sentence to what the page and the terminal say about the request. */
function warn({ env }: Context<ClientEnv>, sentence: string): void {
  env.warning = env.warning === undefined ? sentence : `${env.warning} ${sentence}`;
}

/** @throws {ApiError} 403 if the token allows other e-mail domains only */
function requireAllowedDomains({ allowedEmailDomains }: Caller, targets: readonly TargetRecord[]): void {
  if (allowedEmailDomains.length === 0) return;
  const allowed = normalizeDomains(allowedEmailDomains);
  const comparable = (domain: string) => domainToASCII(domain) || domain;
  const domains = new Set(allowed.map(comparable));
  const refused = targets.find(({ type, value }) => type === 'email' && !domains.has(comparable(emailDomain(value))));
  if (refused === undefined) return;
  throw new ApiError(
    403,
    `The user of the token may invite only e-mail addresses of ${allowed.join(', ')}, not ${refused.value}`,
  );
}

function inviterOf({ id, emails, name, avatarUrl }: Caller): InvitationRecord['inviter'] {
  return { id, email: emails[0] ?? null, name, avatarUrl };
}

function isCreator({ inviter }: InvitationRecord, caller: Caller): boolean {
  return inviter?.id === caller.id;
}

function isAddressee({ target, autojoinDomains, deactivated }: InvitationRecord, caller: Caller): boolean {
  const { id, emails, phones } = caller;
  const isOwn = (each: TargetRecord) =>
    sameTarget(each, 'internal', id) ||
    emails.some((email) => sameTarget(each, 'email', email)) ||
    phones.some((phone) => sameTarget(each, 'phone', phone));
  const domains = deactivated ? [] : autojoinDomains.map(({ domain }) => domain);
  return target.some(isOwn) || emails.some((email) => domains.includes(emailDomain(email)));
}

/** An invitation of a list, with the members of the lists of sent and of incoming invitations. */
function listed({ id, target, inviter, status, createdAt, metadata, source }: InvitationRecord) {
  return {
    id,
    targets: target.map(({ type, value, name, avatarUrl }) => ({
      targetType: type,
      targetValue: value,
      targetName: name,
      targetAvatarUrl: avatarUrl,
    })),
    senderIdentifier: inviter?.email ?? inviter?.id ?? null,
    senderIdentifierType: inviter?.email ? 'email' : 'internal',
    avatarUrl: inviter?.avatarUrl ?? null,
    status,
    createdAt: iso(createdAt),
    metadata,
    source,
    deliveryType: target[0]?.type ?? 'autojoin',
    creatorName: inviter?.name ?? null,
    creatorAvatarUrl: inviter?.avatarUrl ?? null,
    creatorId: inviter?.id ?? null,
  };
}

/** The configuration of a component. The option `components` adds and replaces props. */
function widget(id: string, given: Readonly<Record<string, unknown>>) {
  const props: Record<string, unknown> = {
    'vortex.components': ['vortex.components.form', 'vortex.components.share'],
    'vortex.components.form': { root: { id: 'root', type: 'root', children: [] } },
    'vortex.components.share.options': ['copyLink', 'nativeShareSheet'],
    'vortex.components.share.template.subject': 'Join us',
    'vortex.components.share.template.body': 'Join us',
    'vortex.theme': {},
    ...given,
  };
  const withTypes = Object.entries(props).map(([name, value]) => [name, { value, valueType: valueTypeOf(value) }]);
  return {
    widgetConfiguration: {
      id,
      name: 'Emulated component',
      slug: id,
      version: '1',
      type: 'component',
      configuration: {
        meta: { configuration: { version: '1', componentType: 'invitation', businessType: 'b2b' } },
        props: Object.fromEntries(withTypes) as Record<string, { value: unknown; valueType: string }>,
      },
    },
    deploymentId: ACCOUNT.deploymentId,
    widgetType: 'invitation',
    environmentRole: 'development',
    environmentName: 'emulator',
    renderer: { url: null },
    sessionAttestation: randomUUID(),
  };
}

function valueTypeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
}
