/** Checks the rules of an application, by a harmless request for each operation. */
import { randomUUID } from 'node:crypto';
import { OPERATION_NAMES, type OperationName } from '@vortex/core';
import type { RecordedCall } from './calls.js';
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
import { type Answer, ask, quote, sameOrigin } from './doctor-http.js';
import { listInvitations, makeInvitation, readInvitation, removeInvitation, SCOPE_NAME } from './doctor-invitation.js';

/** The means of trying operations, and the verdicts so far. */
interface Trial {
  readonly options: DoctorOptions;
  readonly caller: Caller;
  /** The id of an invitation and of a scope that do not exist, which only the doctor knows. */
  readonly nowhere: string;
  readonly call: Call;
  readonly verdicts: Map<OperationName, 'admitted' | 'denied'>;
}

/** Returns the caller. Without a token, an invitation that the application makes says who that is. */
export async function* ruleFindings(
  options: DoctorOptions,
  caller: Caller,
  hasEmulator: boolean,
): AsyncGenerator<Finding, Caller> {
  const { mount, credentials } = options;
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

  const trial: Trial = {
    options,
    caller,
    nowhere: randomUUID(),
    call,
    verdicts: new Map([['JWT', caller.hasToken ? 'admitted' : 'denied']]),
  };
  for (const [name, send] of probesOf('harmless')) yield* judge(trial, name, await send(trial));
  const usesEmulator = own !== undefined && (reached.status === 200 || (await wasCalledFor(options, trial.nowhere)));
  yield usesEmulator && reached.status !== 200
    ? right(`The application calls the emulator at ${options.emulator}.`)
    : upstream;
  const known = usesEmulator ? yield* tryWriting(trial) : caller;
  if (!usesEmulator) yield untriedWriting(options, hasEmulator);
  yield* tryOwn({ ...trial, caller: known });
  yield* reportVerdicts(options, trial.verdicts);
  return known;
}

/** Notes whether the caller was admitted. Yields a finding if the answer does not say so. */
function* judge(
  { options: { denied }, verdicts }: Trial,
  name: OperationName,
  answer: Answer | NotSent,
): Generator<Finding> {
  if ('notSent' in answer) {
    // The developer has said what a request would show.
    if (denied.includes(name)) return;
    yield unknown(
      `${name} was not tried: ${answer.notSent}`,
      `${answer.advice} If it is denied on purpose, name it in --denied.`,
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

/** Returns the caller, whom the invitation that the application makes may have shown. */
async function* tryWriting(trial: Trial): AsyncGenerator<Finding, Caller> {
  let { caller } = trial;
  for (const [name, send] of probesOf('writing')) {
    const answer = await send(trial);
    yield* judge(trial, name, answer);
    if (name !== 'CREATE_INVITATION' || 'notSent' in answer || typeof answer.body.id !== 'string') continue;
    const inviter = (await readInvitation(trial.options, answer.body.id))?.inviter;
    await removeInvitation(trial.options, answer.body.id);
    if (caller.id !== undefined || !inviter) continue;
    caller = { ...caller, id: inviter.id, email: inviter.email ?? undefined };
    yield right(`The inviter of an invitation that the application makes is ${describeCaller(caller)}.`);
  }
  return caller;
}

function untriedWriting({ emulator }: DoctorOptions, hasEmulator: boolean): Finding {
  const names = probesOf('writing').map(([name]) => name);
  return unknown(
    `${names.join(', ')} were not tried: the application was not seen to use this emulator.`,
    hasEmulator
      ? `Set VORTEX_API_BASE_URL=${emulator} in the application, and allow GET_INVITATION to the inviter.`
      : NEEDS_EMULATOR,
  );
}

async function* tryOwn(trial: Trial): AsyncGenerator<Finding> {
  const untried: OperationName[] = [];
  for (const [name, send] of probesOf('own')) {
    const answer = await send(trial);
    const isUnclear = trial.caller.id === undefined && 'status' in answer && answer.status === 403;
    if (isUnclear && !trial.options.denied.includes(name)) untried.push(name);
    else yield* judge(trial, name, answer);
  }
  if (untried.length > 0) {
    yield unknown(
      `${untried.join(' and ')} ${untried.length > 1 ? 'were' : 'was'} not tried: neither a token nor an invitation said who the caller is.`,
      `Admit the caller to JWT or to CREATE_INVITATION, or sign in as a caller who is admitted.${trial.options.scope ? '' : ` If their rules ask for ${SCOPE_HINT}`}`,
    );
  }
}

function* reportVerdicts(options: DoctorOptions, verdicts: Trial['verdicts']): Generator<Finding> {
  const { denied } = options;
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
}

/** Names what was tried: a rule may look at each of these. */
function deniedCreation({ scope, scopeName = SCOPE_NAME, metadata }: DoctorOptions): string {
  const place = scope ? `the scope ${scope.scopeType}:${scope.scope}` : 'a scope that does not exist';
  const more = metadata ? `the metadata ${JSON.stringify(metadata)}` : 'no metadata';
  return `CREATE_INVITATION is denied to this caller. Tried: a target of the type internal, then one of the type email at ${RESERVED_DOMAIN}, with ${place}, its name "${scopeName}" and ${more}.`;
}

const SCOPE_HINT = 'a scope of the caller: --scope team:team-1.';

/** Whether the rule for an operation may ask for a scope of the caller, and none was given. */
function mayAskForScope({ scope }: DoctorOptions, name: OperationName): boolean {
  return !scope && probes[name].mayAskForScope === true;
}

function adviceFor(options: DoctorOptions, name: OperationName): string {
  const { scopeName, metadata } = options;
  return [
    name === 'CONFIGURE_AUTOJOIN' && 'The domain that was tried is gmail.com, which a rule may well refuse.',
    name === 'JWT' && 'Only a page with a component of Vortex needs the token.',
    mayAskForScope(options, name) && `If the rule asks for ${SCOPE_HINT}`,
    scopeName === undefined &&
      name === 'CREATE_INVITATION' &&
      'If it compares the name of the scope: --scope-name Engineering.',
    !metadata && name === 'CREATE_INVITATION' && 'If it asks for metadata: --metadata role=viewer.',
  ]
    .filter((sentence) => sentence)
    .join(' ');
}

type Call = (method: string, path: string, body?: object) => Promise<Answer>;

/**
 * When an operation is tried:
 *
 * - `earlier`: by an earlier check of the doctor
 * - `harmless`: at once, since its request changes nothing, whatever the application calls
 * - `writing`: only on an application that calls the emulator, since it writes to a scope
 * - `own`: last, on the caller's own addresses. With an unknown caller, on an address of another user
 */
type Phase = 'earlier' | 'harmless' | 'writing' | 'own';

/** Why a request was not sent, and what to do. */
interface NotSent {
  readonly notSent: string;
  readonly advice: string;
}

/** Sends a request that tries an operation, unless it could delete something. */
type Send = (trial: Trial) => Promise<Answer | NotSent>;

type Probe = {
  /** True if a rule for the operation may ask for a scope of the caller. */
  readonly mayAskForScope?: true;
} & (
  | { readonly phase: 'earlier' }
  | {
      readonly phase: Exclude<Phase, 'earlier'>;
      readonly send: Send;
    }
);

/** The request for each operation, in the order in which a phase tries them. */
const probes: Record<OperationName, Probe> = {
  JWT: { phase: 'earlier', mayAskForScope: true },
  GET_INVITATION: {
    phase: 'harmless',
    send: ({ call, nowhere }) => call('GET', `/invitations/${nowhere}`),
  },
  REVOKE_INVITATION: {
    phase: 'harmless',
    send: ({ call, nowhere }) => call('DELETE', `/invitations/${nowhere}`),
  },
  REINVITE: {
    phase: 'harmless',
    send: ({ call, nowhere }) => call('POST', `/invitations/${nowhere}/reinvite`),
  },
  ACCEPT_INVITATIONS: {
    phase: 'harmless',
    send: ({ call, nowhere }) => call('POST', '/invitations/accept', { invitationIds: [nowhere] }),
  },
  GET_GROUP_INVITATIONS: {
    phase: 'harmless',
    mayAskForScope: true,
    send: ({ call, options, nowhere }) => call('GET', scopeOf(options, nowhere).path),
  },
  GET_AUTOJOIN_DOMAINS: {
    phase: 'harmless',
    mayAskForScope: true,
    send: ({ call, options, nowhere }) => call('GET', `${scopeOf(options, nowhere).path}/autojoin`),
  },
  CREATE_INVITATION: { phase: 'writing', mayAskForScope: true, send: create },
  DELETE_GROUP_INVITATIONS: {
    phase: 'writing',
    mayAskForScope: true,
    async send({ call, options, nowhere }) {
      const { path } = scopeOf(options, nowhere);
      const obstacle = options.scope && (await obstacleToDeletion(options, path));
      return obstacle ?? call('DELETE', path);
    },
  },
  CONFIGURE_AUTOJOIN: {
    phase: 'writing',
    mayAskForScope: true,
    // The service refuses public mail providers, so nothing is configured.
    send({ call, options, nowhere }) {
      const { scopeType, scope } = scopeOf(options, nowhere);
      return call('POST', '/invitations/autojoin', { scope, scopeType, domains: ['gmail.com'], componentId: nowhere });
    },
  },
  GET_INVITATIONS: {
    phase: 'own',
    send({ call, caller: { id, email }, nowhere }) {
      const [type, value] = email ? ['email', email] : ['internal', id ?? nowhere];
      return call('GET', `/invitations?targetType=${type}&targetValue=${encodeURIComponent(value)}`);
    },
  },
  SYNC_INTERNAL_INVITATION: {
    phase: 'own',
    send: ({ call, caller, nowhere }) =>
      call('POST', '/invitations/sync-internal-invitation', {
        creatorId: nowhere,
        targetValue: caller.id ?? nowhere,
        action: 'declined',
        componentId: nowhere,
      }),
  },
};

function probesOf(phase: Exclude<Phase, 'earlier'>): [OperationName, Send][] {
  const all = Object.entries(probes) as [OperationName, Probe][];
  return all.flatMap(([name, probe]) => (probe.phase === phase ? [[name, probe.send]] : []));
}

/** @param nowhere the id of an invitation and of a scope that do not exist */
function scopeOf(options: DoctorOptions, nowhere: string): { scopeType: string; scope: string; path: string } {
  const { scopeType, scope } = options.scope ?? { scopeType: 'doctor', scope: nowhere };
  const path = `/invitations/by-scope/${encodeURIComponent(scopeType)}/${encodeURIComponent(scope)}`;
  return { scopeType, scope, path };
}

/** Returns why a scope must not be deleted: it has open invitations, or may have some. */
async function obstacleToDeletion(options: DoctorOptions, path: string): Promise<NotSent | undefined> {
  const answer = await listInvitations(options, path);
  const { invitations } = answer.body;
  if (answer.status !== 200 || !Array.isArray(invitations)) {
    return {
      notSent: `the emulator does not list the invitations of the scope, which it could delete: ${quote(answer)}.`,
      advice: 'Remove the faults of that route from the emulator.',
    };
  }
  if (invitations.length === 0) return undefined;
  return {
    notSent: 'the scope has open invitations in the emulator, which it would delete.',
    advice: 'Give --scope with a scope without open invitations.',
  };
}

/** No message to this domain arrives, even if the application sends one. */
const RESERVED_DOMAIN = 'vortex-doctor.invalid';

async function create({ options, nowhere, call }: Trial): Promise<Answer> {
  const { scope, scopeName = SCOPE_NAME, metadata } = options;
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

/** Tells whether the emulator has received a request of the application about an id that only the doctor knows. */
async function wasCalledFor({ emulator }: DoctorOptions, nowhere: string): Promise<boolean> {
  const { body } = await ask(`${emulator}/_emulator/calls`, {});
  const calls = Array.isArray(body.calls) ? (body.calls as RecordedCall[]) : [];
  return calls.some(({ path, request, status }) => status !== 401 && `${path} ${request.body}`.includes(nowhere));
}

/** Judges whether the application's base URL and key belong together, by a call that it makes to the service. */
function upstreamFinding({ emulator }: DoctorOptions, answer: Answer, own: string | undefined): Finding {
  const { status, body } = answer;
  const step = `Set VORTEX_API_BASE_URL${own ? `=${emulator}` : ' to the URL of the emulator'}`;
  if (status === 200 && own) return right(`The application reads the invitations of the emulator at ${emulator}.`);
  if (body.code === 'UPSTREAM_AUTH') {
    return wrong(
      'The service that the application calls refuses its API key.',
      `Base URL and key do not belong together. ${step} and the key that the emulator prints.`,
    );
  }
  if (status !== undefined && status >= 502) {
    return wrong(
      `The application does not reach the service: ${quote(answer)}.`,
      `${step} in the application, and see its log.`,
    );
  }
  if (status === 404 && own) {
    return wrong(
      `The application does not find an invitation of the emulator at ${emulator}: it calls another service.`,
      `${step} in the application.`,
    );
  }
  if (status === 404 || status === 200) return right('The service that the application calls takes its API key.');
  return unknown(
    `The doctor could not check whether base URL and key belong together: GET_INVITATION answers ${quote(answer)}.`,
    'Allow GET_INVITATION to the inviter.',
  );
}
