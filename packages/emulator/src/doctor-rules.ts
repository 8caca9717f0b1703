/** Checks the rules of an application, by a harmless request for each operation. */
import { randomUUID } from 'node:crypto';
import { OPERATION_NAMES, type OperationName } from '@vortex/core';
import type { RecordedCall } from './calls.js';
import {
  type Caller,
  type DoctorOptions,
  describeCaller,
  type Finding,
  right,
  unknown,
  wrong,
} from './doctor-findings.js';
import { type Answer, ask, quote, sameOrigin } from './doctor-http.js';
import { makeInvitation, readInvitation, removeInvitation, SCOPE_NAME } from './doctor-invitation.js';

/** Returns the caller. Without a token, an invitation that the application makes says who that is. */
export async function* ruleFindings(
  options: DoctorOptions,
  caller: Caller,
  hasEmulator: boolean,
): AsyncGenerator<Finding, Caller> {
  const { mount, credentials, denied } = options;
  const call: Call = (method, path, body) =>
    ask(`${mount}${path}`, { ...sameOrigin(mount, credentials, body), method });
  const own = hasEmulator ? await makeInvitation(options, caller, { type: 'internal', value: caller.id }) : undefined;
  let reached: Answer;
  try {
    reached = await call('GET', `/invitations/${own ?? randomUUID()}`);
  } finally {
    if (own) await removeInvitation(options, own);
  }
  const upstream = upstreamFinding(options, reached, own);
  if (upstream?.verdict === 'wrong') {
    yield upstream;
    return caller;
  }

  const verdicts = new Map<OperationName, 'admitted' | 'denied'>([['JWT', caller.hasToken ? 'admitted' : 'denied']]);
  function* judge(name: OperationName, answer: Answer | undefined): Generator<Finding> {
    if (!answer) {
      // The developer has said what a request would show.
      if (denied.includes(name)) return;
      yield unknown(
        `${name} was not tried: the scope has invitations, which it would delete, or the caller may not list them.`,
        'Give --scope with a scope without invitations, and a caller whom a rule for GET_GROUP_INVITATIONS admits. If it is denied on purpose, name it in --denied.',
      );
    } else if (answer.body.code === 'IDENTITY_MISMATCH') {
      if (denied.includes(name)) return;
      yield unknown(
        `${name} was not tried: it needs an address of the caller.`,
        'Sign in as a caller for whom authenticateUser returns a verified email.',
      );
    } else if (answer.status === 403) {
      verdicts.set(name, 'denied');
    } else if (answer.status === undefined || answer.status >= 500) {
      yield wrong(`${name} answers ${quote(answer)}.`, 'See the log of the application.');
    } else {
      verdicts.set(name, 'admitted');
    }
  }

  const nowhere = randomUUID();
  for (const [name, probe] of probes(options, nowhere, call)) yield* judge(name, await probe());

  const usesEmulator = own !== undefined && (reached.status === 200 || (await wasCalledFor(options, nowhere)));
  if (usesEmulator && reached.status !== 200) {
    yield right(`The application calls the emulator at ${options.emulator}.`);
  } else {
    yield upstream;
  }
  if (usesEmulator) {
    const answer = await create(options, nowhere, call);
    yield* judge('CREATE_INVITATION', answer);
    if (typeof answer.body.id === 'string') {
      const inviter = (await readInvitation(options, answer.body.id))?.inviter;
      await removeInvitation(options, answer.body.id);
      if (caller.id === undefined && inviter) {
        caller = { ...caller, id: inviter.id, email: inviter.email ?? undefined };
        yield right(`The inviter of an invitation that the application makes is ${describeCaller(caller)}.`);
      }
    }
    for (const [name, probe] of writingProbes(options, nowhere, call)) yield* judge(name, await probe());
  } else {
    yield unknown(
      `${WRITING.join(', ')} were not tried: the application was not seen to use this emulator.`,
      hasEmulator
        ? `Set VORTEX_API_BASE_URL=${options.emulator} in the application, and allow GET_INVITATION to the inviter.`
        : 'Start the emulator that the application uses, or give its URL: --emulator http://127.0.0.1:8787',
    );
  }

  const untried: OperationName[] = [];
  for (const [name, probe] of ownProbes(caller, nowhere, call)) {
    const answer = await probe();
    if (caller.id === undefined && answer.status === 403 && !denied.includes(name)) untried.push(name);
    else yield* judge(name, answer);
  }
  if (untried.length > 0) {
    yield unknown(
      `${untried.join(' and ')} ${untried.length > 1 ? 'were' : 'was'} not tried: neither a token nor an invitation said who the caller is.`,
      'Admit the caller to JWT or to CREATE_INVITATION, or sign in as a caller who is admitted.',
    );
  }

  const named = (verdict: string) => OPERATION_NAMES.filter((name) => verdicts.get(name) === verdict);
  const admitted = named('admitted');
  if (admitted.length > 0) yield right(`A rule admits ${admitted.join(', ')}.`);
  for (const name of admitted.filter((each) => denied.includes(each))) {
    yield wrong(`A rule admits this caller to ${name}, which --denied names.`, 'Correct the rule, or the flag.');
  }
  const deliberate = named('denied').filter((name) => denied.includes(name));
  const kept = denied.filter((name) => !admitted.includes(name));
  const notTried = kept.filter((name) => !deliberate.includes(name));
  if (kept.length > 0) {
    const parts = [
      deliberate.length > 0 && `Denied on purpose: ${deliberate.join(', ')}.`,
      notTried.length > 0 && `Named in --denied, and not tried: ${notTried.join(', ')}.`,
    ];
    yield right(parts.filter((sentence) => sentence).join(' '));
  }
  const missing = named('denied').filter((name) => !denied.includes(name));
  // Of the others it is not known: their rules may admit the caller to a scope that exists.
  const surely = missing.filter((name) => !mayAskForScope(options, name));
  for (const name of missing) {
    const isLast = name === missing.at(-1);
    yield wrong(
      name === 'CREATE_INVITATION' ? deniedCreation(options) : `${name} is denied to this caller.`,
      [
        `If authorizeOperation has no rule for ${name}, add one; the log of the application says so.`,
        adviceFor(options, name),
        // One flag to copy, not one for each operation.
        isLast &&
          surely.length > 0 &&
          `If ${surely.join(', ')} ${surely.length > 1 ? 'are' : 'is'} denied on purpose: --denied ${[...kept, ...surely].join(',')}`,
      ]
        .filter((sentence) => sentence)
        .join(' '),
    );
  }
  return caller;
}

/** Names what was tried: a rule may look at each of these. */
function deniedCreation({ scope, scopeName = SCOPE_NAME, metadata }: DoctorOptions): string {
  const place = scope ? `the scope ${scope.scopeType}:${scope.scope}` : 'a scope that does not exist';
  const more = metadata ? `the metadata ${JSON.stringify(metadata)}` : 'no metadata';
  return `CREATE_INVITATION is denied to this caller. Tried: a target of the type internal, then one of the type email at ${RESERVED_DOMAIN}, with ${place}, its name "${scopeName}" and ${more}.`;
}

/** Whether the rule for an operation may ask for a scope of the caller, and none was given. */
function mayAskForScope({ scope }: DoctorOptions, name: OperationName): boolean {
  return !scope && /JWT|GROUP|AUTOJOIN|CREATE/u.test(name);
}

function adviceFor(options: DoctorOptions, name: OperationName): string {
  const { scopeName, metadata } = options;
  if (name === 'CONFIGURE_AUTOJOIN') return 'The domain that was tried is gmail.com, which a rule may well refuse.';
  return [
    name === 'JWT' && 'Only a page with a component of Vortex needs the token.',
    mayAskForScope(options, name) && 'If the rule asks for a scope of the caller: --scope team:team-1.',
    scopeName === undefined &&
      name === 'CREATE_INVITATION' &&
      'If it compares the name of the scope: --scope-name Engineering.',
    !metadata && name === 'CREATE_INVITATION' && 'If it asks for metadata: --metadata role=viewer.',
  ]
    .filter((sentence) => sentence)
    .join(' ');
}

type Call = (method: string, path: string, body?: object) => Promise<Answer>;

/** A request for each operation that can be tried without knowing the caller, and that changes nothing, whatever the application calls. */
function probes(options: DoctorOptions, nowhere: string, call: Call): Iterable<[OperationName, () => Promise<Answer>]> {
  const { path } = scopeOf(options, nowhere);
  return [
    ['GET_INVITATION', () => call('GET', `/invitations/${nowhere}`)],
    ['REVOKE_INVITATION', () => call('DELETE', `/invitations/${nowhere}`)],
    ['REINVITE', () => call('POST', `/invitations/${nowhere}/reinvite`)],
    ['ACCEPT_INVITATIONS', () => call('POST', '/invitations/accept', { invitationIds: [nowhere] })],
    ['GET_GROUP_INVITATIONS', () => call('GET', path)],
    ['GET_AUTOJOIN_DOMAINS', () => call('GET', `${path}/autojoin`)],
  ];
}

/** The operations that write to a scope. They are tried only on an application that calls the emulator. */
const WRITING = [
  'CREATE_INVITATION',
  'DELETE_GROUP_INVITATIONS',
  'CONFIGURE_AUTOJOIN',
] as const satisfies readonly OperationName[];

/** `undefined` in place of a request that would delete something. */
function writingProbes(
  options: DoctorOptions,
  nowhere: string,
  call: Call,
): Iterable<[OperationName, () => Promise<Answer | undefined>]> {
  const { path, scopeType, scope } = scopeOf(options, nowhere);
  return [
    [
      'DELETE_GROUP_INVITATIONS',
      async () => {
        if (options.scope) {
          const { status, body } = await call('GET', path);
          const isEmpty = status === 200 && Array.isArray(body.invitations) && body.invitations.length === 0;
          if (!isEmpty) return undefined;
        }
        return call('DELETE', path);
      },
    ],
    [
      'CONFIGURE_AUTOJOIN',
      // The service refuses public mail providers, so nothing is configured.
      () => call('POST', '/invitations/autojoin', { scope, scopeType, domains: ['gmail.com'], componentId: nowhere }),
    ],
  ];
}

/** @param nowhere the id of an invitation and of a scope that do not exist */
function scopeOf(options: DoctorOptions, nowhere: string): { scopeType: string; scope: string; path: string } {
  const { scopeType, scope } = options.scope ?? { scopeType: 'doctor', scope: nowhere };
  const path = `/invitations/by-scope/${encodeURIComponent(scopeType)}/${encodeURIComponent(scope)}`;
  return { scopeType, scope, path };
}

/** No message to this domain arrives, even if the application sends one. */
const RESERVED_DOMAIN = 'vortex-doctor.invalid';

async function create(
  { scope, scopeName = SCOPE_NAME, metadata }: DoctorOptions,
  nowhere: string,
  call: Call,
): Promise<Answer> {
  const invite = (target: { type: 'internal' | 'email'; value: string }) =>
    call('POST', '/invitations', {
      widgetConfigurationId: nowhere,
      target,
      scopes: [{ scopeId: scope?.scope ?? nowhere, type: scope?.scopeType ?? 'doctor', name: scopeName }],
      metadata,
    });
  // Nothing is sent for an internal target. A rule may admit e-mail addresses alone.
  const answer = await invite({ type: 'internal', value: `vortex-doctor-${nowhere}` });
  return answer.status === 403 ? invite({ type: 'email', value: `${nowhere}@${RESERVED_DOMAIN}` }) : answer;
}

/** The operations on the caller's own addresses. With an unknown caller, they are tried on an address of another user. */
function ownProbes(
  { id, email }: Caller,
  nowhere: string,
  call: Call,
): Iterable<[OperationName, () => Promise<Answer>]> {
  const mine = email
    ? `email&targetValue=${encodeURIComponent(email)}`
    : `internal&targetValue=${encodeURIComponent(id ?? nowhere)}`;
  return [
    ['GET_INVITATIONS', () => call('GET', `/invitations?targetType=${mine}`)],
    [
      'SYNC_INTERNAL_INVITATION',
      () =>
        call('POST', '/invitations/sync-internal-invitation', {
          creatorId: nowhere,
          targetValue: id ?? nowhere,
          action: 'declined',
          componentId: nowhere,
        }),
    ],
  ];
}

/** Tells whether the emulator has received a request of the application about an id that only the doctor knows. */
async function wasCalledFor({ emulator }: DoctorOptions, nowhere: string): Promise<boolean> {
  const { body } = await ask(`${emulator}/_emulator/calls`, {});
  const calls = Array.isArray(body.calls) ? (body.calls as RecordedCall[]) : [];
  return calls.some(({ path, request, status }) => status !== 401 && `${path} ${request.body}`.includes(nowhere));
}

/** Judges whether the application's base URL and key belong together, by a call that it makes to the service. */
function upstreamFinding({ emulator }: DoctorOptions, answer: Answer, own: string | undefined): Finding {
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
    `The doctor could not check whether base URL and key belong together: GET_INVITATION answers ${quote(answer)}.`,
    'Allow GET_INVITATION to the inviter.',
  );
}
