/** Checks the webhook of an application: its parser, its signature, and duplicates. */
import { signWebhook, webhookEvent } from '@vortex/core/testing';
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
import { type Answer, addsSlash, ask, askOnce, isVendors, quote } from './doctor-http.js';
import {
  acceptInvitation,
  makeInvitation,
  readInvitation,
  removeInvitation,
  STRANGER,
  settled,
} from './doctor-invitation.js';
import { dataOf, hasUser } from './events.js';

const DEFAULT_INVITEE = 'vortex-doctor@example.com';

/** Checks the webhook with an event about an invitation that the doctor makes, so that a handler which loads it finds it. */
export async function* webhookFindings(
  options: DoctorOptions,
  url: string,
  caller: Caller | undefined,
  hasEmulator: boolean,
): AsyncGenerator<Finding> {
  const target = { type: 'email', value: options.invitee ?? DEFAULT_INVITEE } as const;
  const invitation = hasEmulator
    ? await makeInvitation(options, caller ?? { id: undefined, email: undefined }, target)
    : undefined;
  try {
    yield* deliveryFindings(options, url, invitation, caller);
  } finally {
    if (invitation) await removeInvitation(options, invitation);
  }
}

async function* deliveryFindings(
  options: DoctorOptions,
  url: string,
  invitation: string | undefined,
  caller: Caller | undefined,
): AsyncGenerator<Finding> {
  const { webhookSecret, watch, credentials } = options;
  const deliver = (body: string, signature: string) =>
    askOnce(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-vortex-signature': signature },
      body,
    });

  const forged = await deliver(JSON.stringify(webhookEvent(options.event)), '0'.repeat(64));
  const parser = forged.body.code === 'RAW_BODY_REQUIRED' || forged.body.code === 'BODY_CONSUMED';
  if (forged.status === undefined || forged.status === 404 || forged.status === 405) {
    return yield wrong(
      `No webhook is mounted at ${url}: ${quote(forged)}.`,
      'Compare the URL with the path of the mount.',
    );
  }
  if (forged.location !== undefined) {
    return yield wrong(
      `The webhook at ${url} redirects to ${forged.location}.`,
      addsSlash(url, forged.location)
        ? 'Give the URL with the slash to Vortex, to the --webhook-url of the emulator and to the doctor. The emulator follows no redirects.'
        : 'If middleware redirects signed-out callers, mount the webhook before it. Otherwise give the URL that the redirect leads to.',
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
      'A JSON parser runs before the webhook, which needs the raw bytes.',
      'Mount the webhook before the parser (express.json()). The log of the application says how to keep the bytes instead.',
    );
  }
  yield right('No JSON parser runs before the webhook.');
  yield forged.status === 401
    ? right('A webhook with a bad signature gets 401.')
    : wrong(
        `A webhook with a bad signature gets ${quote(forged)} instead of 401.`,
        forged.status < 300
          ? 'The signature is not verified: anyone can post events. Mount vortexWebhook with the secret.'
          : 'See the log of the application.',
      );

  if (invitation === undefined) {
    return yield unknown(
      'The webhook was not tried with a signed event, since the doctor has made no invitation in an emulator for it.',
      NEEDS_EMULATOR,
    );
  }
  const look = async () => (watch === undefined ? undefined : await ask(watch, { headers: credentials }));
  // An event of the emulator's own may change the page, too.
  await settled(options);
  const before = await look();
  const body = JSON.stringify(webhookEvent(options.event, { data: await dataFor(options, invitation) }));
  const signature = await signWebhook(body, webhookSecret);
  const first = await deliver(body, signature);
  if (first.status === 401) {
    return yield wrong(
      'The webhook refuses an event that is signed with the secret.',
      'Give the doctor, the emulator and the application the same VORTEX_WEBHOOK_SECRET: --webhook-secret or the variable.',
    );
  }
  if (first.status === undefined || first.status >= 300) {
    return yield wrong(
      `The webhook answers ${quote(first)} to an event of the type ${options.event}.`,
      deliveryAdvice(first),
    );
  }
  yield right('The webhook takes an event that is signed with the secret.');
  const after = await look();
  const second = await deliver(body, signature);
  if (second.status === undefined || second.status >= 300) {
    return yield wrong(
      `The webhook answers ${quote(second)} to a duplicate, so the sender repeats it.`,
      'Deduplicate by the id of the event: the option store of vortexWebhook does, and answers 200.',
    );
  }
  const last = await look();
  if (!last) {
    return yield unknown(
      'A duplicate is taken. The doctor could not check whether it is handled once.',
      `Give a URL that shows the effect of an event, and its type: --watch ${new URL('/members', options.mount)} --event group.member.added --scope ${options.scope ? `${options.scope.scopeType}:${options.scope.scope}` : 'team:team-1'} --invitee ann@example.com, with the address of an account that is not a member.`,
    );
  }
  if (last.status === undefined || last.status >= 300) {
    return yield unknown(
      `A duplicate is taken. The doctor could not check whether it is handled once: ${watch} answers ${quote(last)}.`,
      'Give a URL that answers this caller with what the event changes. --cookie and --header are sent to it.',
    );
  }
  if (before?.text === after?.text) {
    return yield unknown(
      `A duplicate is taken. The doctor could not check whether it is handled once: the event ${options.event} changed nothing at ${watch}.`,
      effectAdvice(options, caller),
    );
  }
  yield after?.text === last.text
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

function effectAdvice({ event, scope, invitee, credentials }: DoctorOptions, caller: Caller | undefined): string {
  if (!hasUser(event)) return 'Give the type of an event that has an effect there: --event group.member.added';
  const place = scope ? `${scope.scopeType}:${scope.scope}` : 'a scope that does not exist';
  const isSignedIn = Object.keys(credentials).length > 0;
  return [
    `The event is about an invitation of ${invitee ?? DEFAULT_INVITEE} to ${place}.`,
    scope && invitee
      ? 'A handler adds known accounts that are not yet members, to known scopes: check that the invitee and the scope are such.'
      : 'A handler adds known accounts to known scopes, so give both: --scope team:team-1 --invitee with the address of an account that is not a member there. The application adds it.',
    caller?.id === undefined
      ? `The inviter is ${STRANGER}, since the caller is not known: a handler that checks the inviter ignores it. ${isSignedIn ? 'Admit the caller to JWT or to CREATE_INVITATION' : "Sign a caller in, with --cookie 'session=…'"}.`
      : `The inviter is ${describeCaller(caller)}.`,
  ].join(' ');
}

/** The data of the event. An invitation that the event says is accepted is accepted first. */
async function dataFor(options: DoctorOptions, id: string): Promise<Record<string, unknown>> {
  const { event, invitee = DEFAULT_INVITEE } = options;
  const user = { email: invitee };
  if (hasUser(event)) await acceptInvitation(options, id, user);
  const invitation = await readInvitation(options, id);
  return { ...(invitation ? dataOf(invitation) : { invitationId: id }), ...(hasUser(event) && { user }) };
}
