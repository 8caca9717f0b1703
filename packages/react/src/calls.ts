import type { CallOptions, VortexBackend } from './backend.js';
import type { VortexRequestError } from './errors.js';
import { tell } from './tell.js';

/** The methods of `VortexBackend` that concern invitations: all but `getJwt`. */
export type InvitationMethods = { readonly [M in Exclude<keyof VortexBackend, 'getJwt'>]: VortexBackend[M] };

/** The state of calls, by the key of each call, such as `revoke-<id>`. */
export interface CallsState {
  readonly loading: Readonly<Record<string, boolean>>;
  readonly errors: Readonly<Record<string, VortexRequestError | null>>;
}

type Track = <Result, Options extends CallOptions>(
  key: string,
  call: (options: Options | CallOptions) => Promise<Result>,
  options: Options | undefined,
) => Promise<Result>;

export const NO_CALLS: CallsState = { loading: {}, errors: {} };

/** Tracks the calls of one component. Unmounting the component aborts its reads; its writes run to their end. */
export class Calls {
  readonly methods: InvitationMethods;
  readonly #report: (error: VortexRequestError) => void;
  #state = NO_CALLS;
  readonly #listeners = new Set<() => void>();
  /** The latest call under each key. A call that a later one replaced does not change the state. */
  readonly #latest = new Map<string, object>();
  #life = new AbortController();

  constructor(backend: VortexBackend, report: (error: VortexRequestError) => void) {
    this.methods = methodsOf(backend, this.#read, this.#write);
    this.#report = report;
  }

  readonly getState = (): CallsState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Aborts the reads. A new signal serves later reads, since StrictMode mounts a component twice. */
  readonly end = (): void => {
    this.#life.abort();
    this.#life = new AbortController();
  };

  readonly clearError = (key: string): void => {
    this.#set({ errors: without(key, this.#state.errors) });
  };

  readonly #read: Track = (key, call, options) => {
    const { signal } = this.#life;
    const own = options?.signal;
    return this.#track(key, call({ ...options, signal: own ? AbortSignal.any([own, signal]) : signal }));
  };

  readonly #write: Track = (key, call, options) => this.#track(key, call(options ?? {}));

  async #track<Result>(key: string, call: Promise<Result>): Promise<Result> {
    this.#latest.set(key, call);
    const { loading, errors } = this.#state;
    this.#set({ loading: { ...loading, [key]: true }, errors: without(key, errors) });
    try {
      const result = await call;
      this.#settle(key, call);
      return result;
    } catch (thrown) {
      const error = thrown as VortexRequestError;
      const isAborted = error.code === 'ABORTED';
      this.#settle(key, call, isAborted ? undefined : error);
      if (!isAborted) tell(this.#report, error);
      throw error;
    }
  }

  #settle(key: string, call: object, error?: VortexRequestError): void {
    if (this.#latest.get(key) !== call) return;
    this.#latest.delete(key);
    const { loading, errors } = this.#state;
    this.#set({ loading: without(key, loading), ...(error && { errors: { ...errors, [key]: error } }) });
  }

  #set(change: Partial<CallsState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function methodsOf(backend: VortexBackend, read: Track, write: Track): InvitationMethods {
  return {
    getInvitationsByTarget: (type, value, options) =>
      read(`getByTarget-${type}-${value}`, (given) => backend.getInvitationsByTarget(type, value, given), options),
    getInvitation: (id, options) => read(`get-${id}`, (given) => backend.getInvitation(id, given), options),
    revokeInvitation: (id, options) => write(`revoke-${id}`, (given) => backend.revokeInvitation(id, given), options),
    acceptInvitations: (ids, who, options) =>
      write(`accept-${ids.join(',')}`, (given) => backend.acceptInvitations(ids, who, given), options),
    getInvitationsByScope: (type, scope, options) =>
      read(`getByScope-${type}-${scope}`, (given) => backend.getInvitationsByScope(type, scope, given), options),
    deleteInvitationsByScope: (type, scope, options) =>
      write(`deleteByScope-${type}-${scope}`, (given) => backend.deleteInvitationsByScope(type, scope, given), options),
    getInvitationsByGroup: (type, id, options) =>
      read(`getByGroup-${type}-${id}`, (given) => backend.getInvitationsByGroup(type, id, given), options),
    deleteInvitationsByGroup: (type, id, options) =>
      write(`deleteByGroup-${type}-${id}`, (given) => backend.deleteInvitationsByGroup(type, id, given), options),
    reinvite: (id, options) => write(`reinvite-${id}`, (given) => backend.reinvite(id, given), options),
    createInvitation: (input, options) =>
      write(`create-${input.target.value}`, (given) => backend.createInvitation(input, given), options),
    getAutojoinDomains: (type, scope, options) =>
      read(`getAutojoin-${type}-${scope}`, (given) => backend.getAutojoinDomains(type, scope, given), options),
    configureAutojoin: (input, options) =>
      write(
        `configureAutojoin-${input.scopeType}-${input.scope ?? input.scopeId}`,
        (given) => backend.configureAutojoin(input, given),
        options,
      ),
    syncInternalInvitation: (input, options) =>
      write(`sync-${input.targetValue}`, (given) => backend.syncInternalInvitation(input, given), options),
  };
}

function without<Value>(key: string, { [key]: _, ...rest }: Readonly<Record<string, Value>>): Record<string, Value> {
  return rest;
}
