/**
 * Checks a running application from outside, over HTTP. Changes nothing in the application but through invitations that it
 * makes in the emulator and revokes again: other operations are tried on invitations and scopes that do not exist.
 */
import { randomUUID } from 'node:crypto';
import type { WebhookEventType } from '@vortex/core';
import { readToken, signWebhook, webhookEvent } from '@vortex/core/testing';
import { type Answer, type Ask, ask, quote } from './doctor-http.js';

/** The result of one check. */
export interface Finding {
  /** `unknown` if the check could not be made. */
  verdict: 'right' | 'wrong' | 'unknown';
  text: string;
  /** How to mend what is wrong, or how to make a check possible. */
  advice?: string | undefined;
}

export interface DoctorOptions {
  /** The URL that the routes are mounted at, without a trailing slash. */
  mount: string;
  /** The URL of the webhook. If undefined, webhooks are not checked. */
  webhook: string | undefined;
  /** The headers that sign a caller in. If empty, only signed-out checks are made. */
  credentials: Readonly<Record<string, string>>;
  apiKey: string;
  webhookSecret: string;
  /** The base URL of the emulator that the application should use, without a trailing slash. */
  emulator: string;
  /** `type:id` of a scope of the caller, for the operations on a scope. */
  scope: { scopeType: string; scope: string } | undefined;
  /** The operations that the application denies on purpose. */
  denied: readonly string[];
  /** A URL of the application that shows the effect of the event, such as a list of members. */
  watch: string | undefined;
  event: WebhookEventType;
  /** The text of the application's `package.json`, if there is one. */
  manifest: string | undefined;
}

const right = (text: string): Finding => ({ verdict: 'right', text });
const wrong = (text: string, advice: string): Finding => ({ verdict: 'wrong', text, advice });
const unknown = (text: string, advice: string): Finding => ({ verdict: 'unknown', text, advice });

/** Runs the checks in order. Later checks need the results of earlier ones. */
export async function* examine(options: DoctorOptions): AsyncGenerator<Finding> {
  yield* leftovers(options);
  const hasEmulator = yield* emulatorFindings(options);
  if (yield* mountFindings(options)) {
    yield await signedOut(options);
    yield await crossSite(options);
    const caller = yield* signedIn(options);
    if (caller) yield* operations(options, caller, hasEmulator);
  }
  if (options.webhook !== undefined) yield* webhookFindings(options, options.webhook);
  else yield unknown('The webhook was not checked.', 'Give its URL: --webhook http://localhost:3000/webhooks/vortex');
}

/** Matches the vendor's packages for servers. Those for browsers stay in use. */
const VENDOR_PACKAGE = /^@teamvortexsoftware\/vortex-(?:node|express|fastify|next)/u;

function* leftovers({ manifest }: DoctorOptions): Generator<Finding> {
  if (manifest === undefined) return;
  let names: string[];
  try {
    const { dependencies, devDependencies } = Object(JSON.parse(manifest)) as Record<string, object | undefined>;
    names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => VENDOR_PACKAGE.test(name));
  } catch {
    return yield unknown('The package.json in this folder is not valid JSON.', 'Repair it, then run the doctor again.');
  }
  if (names.length === 0) return yield right('The package.json in this folder has no server package of the vendor.');
  yield wrong(
    `The package.json in this folder still has ${names.join(', ')}.`,
    'Remove the old mount and its imports, then uninstall the package.',
  );
}

/** Returns whether the emulator answers and takes the key. */
async function* emulatorFindings({ emulator, apiKey }: DoctorOptions): AsyncGenerator<Finding, boolean> {
  const answer = await ask(`${emulator}/api/v1/invitations/${randomUUID()}`, { headers: { 'x-api-key': apiKey } });
  if (answer.status === 404 && answer.body.statusCode === 404) {
    yield right(`The emulator at ${emulator} takes the API key.`);
    return true;
  }
  if (answer.status === 401) {
    yield wrong(
      `The emulator at ${emulator} refuses the API key.`,
      'Give the doctor, the emulator and the application the same VORTEX_API_KEY.',
    );
  } else {
    yield unknown(
      `No emulator answers at ${emulator}: ${quote(answer)}.`,
      'Start one with npx vortex-emulator, or give its URL: --emulator http://127.0.0.1:8787',
    );
  }
  return false;
}

/** Returns whether the mount answers. */
async function* mountFindings({ mount }: DoctorOptions): AsyncGenerator<Finding, boolean> {
  // Every mount refuses this method in its own form, before it looks at the caller.
  const answer = await ask(`${mount}/jwt`, { method: 'PUT' });
  if (answer.status === 405 && answer.body.code === 'METHOD_NOT_ALLOWED') {
    yield right(`The routes are mounted at ${mount}.`);
    return true;
  }
  if (answer.status === undefined) {
    yield wrong(`Nothing answers at ${mount}: ${quote(answer)}.`, 'Start the application, or correct the URL.');
    return false;
  }
  const signedOutAnswer = await ask(`${mount}/jwt`, { method: 'POST' });
  if (isVendors(signedOutAnswer)) {
    yield wrong(
      `An adapter of the vendor answers at ${mount}: ${quote(signedOutAnswer)}.`,
      'Replace its mount by vortexRouter, vortexPlugin or vortexApp. The guide MOVING lists the changes.',
    );
    return false;
  }
  yield wrong(
    `The routes are not mounted at ${mount}: PUT ${new URL(mount).pathname}/jwt answered ${quote(answer)}.`,
    answer.status === 401 || answer.status === 403 || (answer.status >= 300 && answer.status < 400)
      ? 'Middleware answers before the mount. Let authenticateUser decide there: mount Vortex before that middleware.'
      : 'Compare the URL with the path that the mount is given, its prefix included.',
  );
  return false;
}

/** The vendor's adapters answer failures with an `error` alone, ours with a `code` beside it. */
function isVendors({ status = 0, body }: Answer): boolean {
  const text = body.error;
  if (status < 400 || typeof text !== 'string' || body.code !== undefined || body.statusCode !== undefined)
    return false;
  return /^(?:Unauthorized|Access denied|JWT generation requires|Invalid user format|(?:Missing|Multiple) X-Vortex|Invalid signature|Webhook handler error|Raw request body|Vortex webhook handler)/u.test(
    text,
  );
}

async function signedOut({ mount }: DoctorOptions): Promise<Finding> {
  const answer = await ask(`${mount}/jwt`, sameOrigin(mount));
  if (answer.status === 401 && answer.body.code === 'UNAUTHENTICATED') return right('A signed-out caller gets 401.');
  const text = `A signed-out caller gets ${quote(answer)} instead of 401.`;
  if (answer.status === 200 || answer.status === 403) {
    return wrong(text, 'authenticateUser returns a user without any credentials. Return null for a signed-out caller.');
  }
  return wrong(
    text,
    'authenticateUser throws for a signed-out caller. Return null, and see the log of the application.',
  );
}

async function crossSite({ mount, credentials }: DoctorOptions): Promise<Finding> {
  const headers = { ...credentials, origin: 'https://other-site.invalid', 'sec-fetch-site': 'cross-site' };
  const answer = await ask(`${mount}/jwt`, { method: 'POST', headers });
  if (answer.status === 403 && answer.body.code === 'CROSS_SITE_REQUEST') {
    return right('A write from another site is refused.');
  }
  const text = `A write from another site gets ${quote(answer)} instead of 403.`;
  // Browsers attach cookies to such a request, and no other header.
  if (credentials.cookie === undefined && Object.keys(credentials).length > 0) {
    return unknown(
      text,
      'This does harm only if the application also accepts a cookie: check csrf and trustedOrigins.',
    );
  }
  return wrong(text, "Remove csrf: 'off', and let trustedOrigins name only origins of yours.");
}

interface Caller {
  id: string;
  email: string | undefined;
}

async function* signedIn(options: DoctorOptions): AsyncGenerator<Finding, Caller | undefined> {
  const { mount, credentials, apiKey } = options;
  if (Object.keys(credentials).length === 0) {
    yield unknown(
      'No signed-in caller was tried, so neither the token nor the rules were checked.',
      "Copy the header of a signed-in browser: --cookie 'session=…' or --header 'authorization: Bearer …'",
    );
    return undefined;
  }
  const answer = await ask(`${mount}/jwt`, sameOrigin(mount, credentials));
  const token = answer.body.jwt;
  if (answer.status !== 200 || typeof token !== 'string') {
    yield wrong(`POST /jwt answers ${quote(answer)} to the signed-in caller.`, jwtAdvice(answer));
    return undefined;
  }
  const read = await readToken(token, apiKey).catch(() => undefined);
  if (!read) {
    yield wrong(
      'POST /jwt answers a token that is not signed with the API key.',
      'Give the doctor and the application the same VORTEX_API_KEY: the doctor takes --api-key or the variable.',
    );
    return undefined;
  }
  const user = Object(read.format === 'jwt' ? read.claims : read.claims.user) as Record<string, unknown>;
  const id = read.format === 'jwt' ? user.userId : user.id;
  const email = read.format === 'jwt' ? user.userEmail : user.email;
  if ((typeof id !== 'string' && typeof id !== 'number') || id === '') {
    yield wrong('The token of POST /jwt has no id of a user.', 'Return { id } from authenticateUser.');
    return undefined;
  }
  const minutes = Math.round((read.expiresAt - Date.now()) / 60_000);
  const address = typeof email === 'string' && email !== '' ? email : undefined;
  const who = `user ${id}${address ? `, ${address}` : ' without an e-mail address'}`;
  yield right(
    `The token of POST /jwt is signed with the API key. It is for ${who}, and expires in ${minutes} minutes.`,
  );
  return { id: String(id), email: address };
}

function jwtAdvice({ status, body }: Answer): string {
  if (status === 401) return 'authenticateUser returns null for these credentials. Are they still valid?';
  if (body.code === 'FORBIDDEN') return 'Add the rule JWT: true to authorizeOperation.';
  if (body.code === 'BAD_AUTH_RESULT') return 'authenticateUser must return { id, … } or null. See the log.';
  return 'See the log of the application.';
}

async function* operations(options: DoctorOptions, caller: Caller, hasEmulator: boolean): AsyncGenerator<Finding> {
  const { mount, credentials, denied } = options;
  const own = hasEmulator ? await makeInvitation(options, caller) : undefined;
  const call = (method: string, path: string, body?: object) =>
    ask(`${mount}${path}`, { ...sameOrigin(mount, credentials, body), method });
  let usesEmulator = false;
  try {
    const reached = await call('GET', `/invitations/${own ?? randomUUID()}`);
    const finding = upstreamFinding(options, reached, own);
    if (finding) yield finding;
    usesEmulator = own !== undefined && reached.status === 200;
    if (finding?.verdict === 'wrong') return;
  } finally {
    if (own) await removeInvitation(options, own);
  }
  const missing: string[] = [];
  const allowed: string[] = [];
  for (const [name, probe] of Object.entries(probes(options, caller, call))) {
    if (name === 'CREATE_INVITATION' && !usesEmulator) {
      yield unknown(
        'CREATE_INVITATION was not tried: the application was not seen to use this emulator.',
        hasEmulator
          ? `Set VORTEX_API_BASE_URL=${options.emulator} in the application, and allow GET_INVITATION to the inviter.`
          : 'Start the emulator that the application uses, or give its URL: --emulator http://127.0.0.1:8787',
      );
      continue;
    }
    const answer = await probe();
    if (!answer) {
      yield unknown(
        `${name} was not tried: the scope has invitations, which it would delete.`,
        'Give --scope with a scope without invitations.',
      );
    } else if (answer.body.code === 'IDENTITY_MISMATCH') {
      yield unknown(
        `${name} was not tried: it needs an address of the caller.`,
        'Sign in as a caller for whom authenticateUser returns a verified email.',
      );
    } else if (answer.status === 403) {
      if (!denied.includes(name)) missing.push(name);
    } else if (answer.status === undefined || answer.status >= 500) {
      yield wrong(`${name} answers ${quote(answer)}.`, 'See the log of the application.');
    } else {
      allowed.push(name);
    }
    if (name === 'CREATE_INVITATION' && typeof answer?.body.id === 'string') {
      await removeInvitation(options, answer.body.id);
    }
  }
  if (allowed.length > 0) yield right(`A rule admits ${allowed.join(', ')}.`);
  const deliberate = denied.filter((name) => !allowed.includes(name));
  if (deliberate.length > 0) yield right(`Denied on purpose: ${deliberate.join(', ')}.`);
  for (const name of missing) {
    const isLast = name === missing.at(-1);
    const onPurpose = missing.length > 1 ? 'these are all' : 'it is';
    yield wrong(
      `${name} is denied to this caller.`,
      [
        `If authorizeOperation has no rule for ${name}, add one; the log of the application says so.`,
        scopeAdvice(options, name),
        // One flag to copy, not one for each operation.
        isLast && `If ${onPurpose} denied on purpose: --denied ${[...deliberate, ...missing].join(',')}`,
      ]
        .filter((sentence) => sentence)
        .join(' '),
    );
  }
}

function scopeAdvice({ scope }: DoctorOptions, name: string): string {
  if (scope || !/GROUP|AUTOJOIN|CREATE/u.test(name)) return '';
  return 'If the rule asks for a scope of the caller: --scope team:team-1.';
}

type Call = (method: string, path: string, body?: object) => Promise<Answer>;

/** A harmless request for each operation. `undefined` if it would not be harmless. */
function probes(options: DoctorOptions, caller: Caller, call: Call): Record<string, () => Promise<Answer | undefined>> {
  const nowhere = randomUUID();
  const { scopeType, scope } = options.scope ?? { scopeType: 'doctor', scope: nowhere };
  const scopePath = `/invitations/by-scope/${encodeURIComponent(scopeType)}/${encodeURIComponent(scope)}`;
  const target = caller.email ? `email&targetValue=${encodeURIComponent(caller.email)}` : undefined;
  const mine = target ?? `internal&targetValue=${encodeURIComponent(caller.id)}`;
  return {
    GET_INVITATIONS: () => call('GET', `/invitations?targetType=${mine}`),
    GET_INVITATION: () => call('GET', `/invitations/${nowhere}`),
    CREATE_INVITATION: () =>
      call('POST', '/invitations', {
        widgetConfigurationId: nowhere,
        // Nothing is sent for an internal target.
        target: { type: 'internal', value: `vortex-doctor-${nowhere}` },
        scopes: [{ scopeId: scope, type: scopeType, name: 'Vortex doctor' }],
      }),
    REVOKE_INVITATION: () => call('DELETE', `/invitations/${nowhere}`),
    REINVITE: () => call('POST', `/invitations/${nowhere}/reinvite`),
    ACCEPT_INVITATIONS: () => call('POST', '/invitations/accept', { invitationIds: [nowhere] }),
    GET_GROUP_INVITATIONS: () => call('GET', scopePath),
    DELETE_GROUP_INVITATIONS: async () => {
      if (options.scope) {
        const { status, body } = await call('GET', scopePath);
        const isEmpty = status === 200 && Array.isArray(body.invitations) && body.invitations.length === 0;
        if (!isEmpty) return undefined;
      }
      return call('DELETE', scopePath);
    },
    GET_AUTOJOIN_DOMAINS: () => call('GET', `${scopePath}/autojoin`),
    // The service refuses public mail providers, so nothing is configured.
    CONFIGURE_AUTOJOIN: () =>
      call('POST', '/invitations/autojoin', { scope, scopeType, domains: ['gmail.com'], componentId: nowhere }),
    SYNC_INTERNAL_INVITATION: () =>
      call('POST', '/invitations/sync-internal-invitation', {
        creatorId: nowhere,
        targetValue: caller.id,
        action: 'declined',
        componentId: nowhere,
      }),
  };
}

/** Judges whether the application's base URL and key belong together, by a call that it makes to the service. */
function upstreamFinding({ emulator }: DoctorOptions, answer: Answer, own: string | undefined): Finding | undefined {
  const { status, body } = answer;
  if (status === 200 && own) return right(`The application reads the invitations of the emulator at ${emulator}.`);
  if (body.code === 'UPSTREAM_AUTH') {
    return wrong(
      'The service that the application calls refuses its API key.',
      `Base URL and key do not belong together. Set VORTEX_API_BASE_URL=${emulator} and the key that the emulator prints.`,
    );
  }
  if (status !== undefined && status >= 502) {
    return wrong(
      `The application does not reach the service: ${quote(answer)}.`,
      `Set VORTEX_API_BASE_URL=${emulator} in the application, and see its log.`,
    );
  }
  if (status === 404 && own) {
    return wrong(
      `The application does not find an invitation of the emulator at ${emulator}: it calls another service.`,
      `Set VORTEX_API_BASE_URL=${emulator} in the application.`,
    );
  }
  if (status === 404 || status === 200) return right('The service that the application calls takes its API key.');
  return unknown(
    `Whether base URL and key belong together was not seen: GET_INVITATION answers ${quote(answer)}.`,
    'Allow GET_INVITATION to the inviter.',
  );
}

/** Makes an invitation from and to the caller in the emulator, and returns its id. */
async function makeInvitation({ emulator, apiKey, scope }: DoctorOptions, caller: Caller): Promise<string | undefined> {
  const { body } = await ask(`${emulator}/api/v1/invitations`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({
      widgetConfigurationId: randomUUID(),
      // Nothing is sent for an internal target.
      target: { type: 'internal', value: caller.id },
      inviter: { userId: caller.id, userEmail: caller.email },
      groups: [{ type: scope?.scopeType ?? 'doctor', groupId: scope?.scope ?? randomUUID(), name: 'Vortex doctor' }],
      source: 'vortex-doctor',
    }),
  });
  return typeof body.id === 'string' ? body.id : undefined;
}

async function removeInvitation({ emulator, apiKey }: DoctorOptions, id: string): Promise<void> {
  await ask(`${emulator}/api/v1/invitations/${id}`, { method: 'DELETE', headers: { 'x-api-key': apiKey } });
}

async function* webhookFindings(options: DoctorOptions, url: string): AsyncGenerator<Finding> {
  const { webhookSecret, watch, credentials } = options;
  const id = randomUUID();
  const address = 'vortex-doctor@example.com';
  const event = webhookEvent(options.event, {
    data: {
      invitationId: id,
      targetEmail: address,
      target: [{ type: 'email', value: address }],
      scope: `doctor-${id}`,
      scopeType: 'doctor',
      user: { email: address },
    },
  });
  const body = JSON.stringify(event);
  const deliver = (signature: string) =>
    ask(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-vortex-signature': signature },
      body,
    });

  const forged = await deliver('0'.repeat(64));
  const parser = forged.body.code === 'RAW_BODY_REQUIRED' || forged.body.code === 'BODY_CONSUMED';
  if (forged.status === undefined || forged.status === 404 || forged.status === 405) {
    return yield wrong(
      `No webhook is mounted at ${url}: ${quote(forged)}.`,
      'Compare the URL with the path of the mount.',
    );
  }
  if (isVendors(forged)) {
    yield wrong(
      `A webhook handler of the vendor answers at ${url}: ${quote(forged)}.`,
      'Replace it by vortexWebhook or vortexWebhookPlugin. The guide MOVING lists the changes.',
    );
  }
  if (parser) {
    return yield wrong(
      'A JSON parser stands before the webhook, which needs the raw bytes.',
      'Mount the webhook before the parser (express.json()). The log of the application says how to keep the bytes instead.',
    );
  }
  yield right('No JSON parser stands before the webhook.');
  yield forged.status === 401
    ? right('A webhook with a bad signature gets 401.')
    : wrong(
        `A webhook with a bad signature gets ${quote(forged)} instead of 401.`,
        forged.status < 300
          ? 'The signature is not verified: anyone can post events. Mount vortexWebhook with the secret.'
          : 'See the log of the application.',
      );

  const look = async () => (watch === undefined ? undefined : (await ask(watch, { headers: credentials })).text);
  const signature = await signWebhook(body, webhookSecret);
  const before = await look();
  const first = await deliver(signature);
  if (first.status === 401) {
    return yield wrong(
      'The webhook refuses an event that is signed with the secret.',
      'Give the doctor, the emulator and the application the same VORTEX_WEBHOOK_SECRET: --webhook-secret or the variable.',
    );
  }
  if (first.status === undefined || first.status >= 300) {
    return yield wrong(
      `The webhook answers ${quote(first)} to an event of the type ${event.type}.`,
      deliveryAdvice(first),
    );
  }
  yield right('The webhook takes an event that is signed with the secret.');
  const after = await look();
  const second = await deliver(signature);
  if (second.status === undefined || second.status >= 300) {
    return yield wrong(
      `The webhook answers ${quote(second)} to a duplicate, so the sender repeats it.`,
      'Deduplicate by the id of the event: the option store of vortexWebhook does, and answers 200.',
    );
  }
  const last = await look();
  if (watch === undefined || before === after) {
    return yield unknown(
      watch === undefined
        ? 'A duplicate is taken. Whether it is handled once was not seen.'
        : `A duplicate is taken. Whether it is handled once was not seen: the event ${event.type} changed nothing at ${watch}.`,
      'Give a URL that shows the effect of an event, and its type: --watch http://localhost:3000/members --event group.member.added',
    );
  }
  yield after === last
    ? right('A duplicate is taken, and handled once.')
    : wrong(
        `A duplicate is handled again: ${watch} changed twice.`,
        'Deduplicate by the id of the event: set the option store of vortexWebhook, shared by all processes.',
      );
}

function deliveryAdvice({ body }: Answer): string {
  if (body.code === 'STORE_UNAVAILABLE') return 'The webhook store does not answer. Is its server running?';
  if (body.code === 'STALE_EVENT') return 'The clocks differ by more than maxAge.';
  return 'A handler failed. See the log of the application.';
}

/** A write as a page of the application sends it. */
function sameOrigin(mount: string, credentials: Readonly<Record<string, string>> = {}, body?: object): Ask {
  return {
    method: 'POST',
    headers: {
      ...credentials,
      origin: new URL(mount).origin,
      'sec-fetch-site': 'same-origin',
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  };
}
