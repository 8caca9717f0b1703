/**
 * Checks a running application from outside, over HTTP. Changes nothing in the application but through invitations that it
 * makes in the emulator and revokes again: other operations are tried on invitations and scopes that do not exist.
 */
import { randomUUID } from 'node:crypto';
import { OPERATION_NAMES } from '@vortex/core';
import { readToken } from '@vortex/core/testing';
import {
  type Caller,
  type DoctorOptions,
  describeCaller,
  type Finding,
  NEEDS_EMULATOR,
  right,
  unknown,
  wrong,
} from './doctor-findings.js';
import { type Answer, ask, isVendors, quote, sameOrigin } from './doctor-http.js';
import { ruleFindings } from './doctor-rules.js';
import { webhookFindings } from './doctor-webhook.js';

/** Runs the checks in order. Later checks need the results of earlier ones. */
export async function* examine(options: DoctorOptions): AsyncGenerator<Finding> {
  yield* leftovers(options);
  const hasEmulator = yield* emulatorFindings(options);
  let caller: Caller | undefined;
  if (yield* mountFindings(options)) {
    yield await signedOut(options);
    yield await crossSite(options);
    caller = yield* signedIn(options);
    if (caller) caller = yield* ruleFindings(options, caller, hasEmulator);
  }
  if (options.webhook !== undefined) yield* webhookFindings(options, options.webhook, caller, hasEmulator);
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

/** What the control API of the emulator answers to programs on other machines, and by other host names. */
const CONTROL_REFUSAL = /^The (?:control API answers only|host must be localhost)/u;

/** Returns whether the emulator answers and takes the key. The doctor writes to nothing else: it could be the real service. */
async function* emulatorFindings({ emulator, apiKey }: DoctorOptions): AsyncGenerator<Finding, boolean> {
  const clock = await ask(`${emulator}/_emulator/clock`, {});
  if (clock.status === undefined) {
    yield unknown(`No emulator answers at ${emulator}: ${quote(clock)}.`, NEEDS_EMULATOR);
    return false;
  }
  const { now, message } = clock.body;
  if (typeof now !== 'string' && !(clock.status === 403 && CONTROL_REFUSAL.test(String(message)))) {
    yield wrong(
      `The service at ${emulator} is not the emulator, so the doctor makes no invitations: GET /_emulator/clock answers ${quote(clock)}.`,
      'Start the emulator (npx vortex-emulator), set VORTEX_API_BASE_URL of the application to its URL, and give the doctor the same: --emulator http://127.0.0.1:8787',
    );
    return false;
  }
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
      `The emulator at ${emulator} answers ${quote(answer)}, so its API key was not checked.`,
      'If a fault is set, remove it. Then run the doctor again.',
    );
  }
  return false;
}

/** Returns whether the mount answers. */
async function* mountFindings({ mount }: DoctorOptions): AsyncGenerator<Finding, boolean> {
  // Every mount refuses this method in its own form, before it looks at the caller. Next.js would refuse one without an export.
  const answer = await ask(`${mount}/jwt`, { method: 'GET' });
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
    `The routes are not mounted at ${mount}: GET ${new URL(mount).pathname}/jwt answered ${quote(answer)}.`,
    answer.status === 401 || answer.status === 403 || (answer.status >= 300 && answer.status < 400)
      ? 'Middleware answers before the mount. Let authenticateUser decide there: mount Vortex before that middleware.'
      : 'Compare the URL with the path that the mount is given, its prefix included.',
  );
  return false;
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
  const text = `A write from another site gets ${quote(answer)} instead of 403 CROSS_SITE_REQUEST.`;
  // Browsers attach cookies to such a request, and no other header.
  if (credentials.cookie === undefined && Object.keys(credentials).length > 0) {
    return unknown(
      text,
      'This does harm only if the application also accepts a cookie: check csrf and trustedOrigins.',
    );
  }
  return wrong(text, "Remove csrf: 'off', and let trustedOrigins name only origins of yours.");
}

/** Returns the caller if the application admits one, `undefined` if nothing further can be checked for a caller. */
async function* signedIn(options: DoctorOptions): AsyncGenerator<Finding, Caller | undefined> {
  const { mount, credentials, scope } = options;
  if (Object.keys(credentials).length === 0) {
    yield unknown(
      'No signed-in caller was tried, so neither the token nor the rules were checked.',
      "Copy the header of a signed-in browser: --cookie 'session=…' or --header 'authorization: Bearer …'",
    );
    return undefined;
  }
  const isDenied = ({ status, body }: Answer) => status === 403 && body.code === 'FORBIDDEN';
  let answer = await ask(`${mount}/jwt`, sameOrigin(mount, credentials));
  // A rule may give a token for one scope alone.
  if (isDenied(answer) && scope) answer = await ask(`${mount}/jwt`, sameOrigin(mount, credentials, { context: scope }));
  // The caller is signed in. The rules are checked without a token.
  if (isDenied(answer)) {
    return { id: undefined, email: undefined, hasToken: false };
  }
  const caller = yield* tokenFindings(options, answer);
  if (!caller) {
    const others = OPERATION_NAMES.filter((name) => name !== 'JWT');
    yield unknown(`The rules were not checked: ${others.join(', ')}.`, 'Do first what the finding above says.');
  }
  return caller;
}

async function* tokenFindings({ apiKey }: DoctorOptions, answer: Answer): AsyncGenerator<Finding, Caller | undefined> {
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
  const caller = {
    id: String(id),
    email: typeof email === 'string' && email !== '' ? email : undefined,
    hasToken: true,
  };
  yield right(
    `The token of POST /jwt is signed with the API key. It is for ${describeCaller(caller)}, and expires in ${minutes} minutes.`,
  );
  return caller;
}

function jwtAdvice({ status, body }: Answer): string {
  if (status === 401) return 'authenticateUser returns null for these credentials. Are they still valid?';
  if (body.code === 'BAD_AUTH_RESULT') return 'authenticateUser must return { id, … } or null. See the log.';
  return 'See the log of the application.';
}
