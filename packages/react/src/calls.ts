import type { BrowserClient, CallOptions, VortexRequestError } from '@vortex/browser';

/** The methods of the client that concern invitations: all but `getJwt`. */
export type InvitationMethods = { readonly [M in Exclude<keyof BrowserClient, 'getJwt'>]: BrowserClient[M] };

/** The state of calls, by the key of each call, such as `revoke-<id>`. */
export interface CallsState {
  readonly loading: Readonly<Record<string, boolean>>;
  readonly errors: Readonly<Record<string, VortexRequestError | null>>;
}

type Track = <Result, Options extends CallOptions>(
  key: () => string,
  call: (options: Options | CallOptions) => Promise<Result>,
  options: Options | undefined,
) => Promise<Result>;

export const NO_CALLS: CallsState = { loading: {}, errors: {} };

/** Tracks the calls of one component. Unmounting the component aborts its reads; its writes run to their end. */
export class Calls {
  readonly operations: InvitationMethods;
  private readonly report: (error: VortexRequestError) => void;
  private state = NO_CALLS;
  private readonly listeners = new Set<() => void>();
  /** The latest call under each key. A call that a later one replaced does not change the state. */
  private readonly latest = new Map<string, object>();
  /** Aborts each read under way. */
  private readonly reads = new Set<AbortController>();

  constructor(client: BrowserClient, report: (error: VortexRequestError) => void) {
    this.operations = operationsOf(client, this.read, this.write);
    this.report = report;
  }

  readonly getState = (): CallsState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Aborts the reads. Later reads are not affected, since StrictMode mounts a component twice. */
  readonly end = (): void => {
    for (const controller of this.reads) controller.abort();
    this.reads.clear();
  };

  readonly clearError = (key: string): void => {
    this.set({ errors: without(key, this.state.errors) });
  };

  /** Calls with one signal that follows both the caller's and the component: older browsers have no `AbortSignal.any`. */
  private readonly read: Track = async (key, call, options) => {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const own = options?.signal;
    if (own?.aborted) abort();
    own?.addEventListener('abort', abort);
    this.reads.add(controller);
    try {
      return await this.track(key, () => call({ ...options, signal: controller.signal }));
    } finally {
      this.reads.delete(controller);
      own?.removeEventListener('abort', abort);
    }
  };

  private readonly write: Track = (key, call, options) => this.track(key, () => call(options ?? {}));

  /** Asynchronous from its first line on, so that a wrong argument rejects instead of throwing. */
  private async track<Result>(keyOf: () => string, start: () => Promise<Result>): Promise<Result> {
    const key = keyOf();
    const call = start();
    this.latest.set(key, call);
    const { loading, errors } = this.state;
    this.set({ loading: { ...loading, [key]: true }, errors: without(key, errors) });
    try {
      const result = await call;
      this.settle(key, call);
      return result;
    } catch (thrown) {
      const error = thrown as VortexRequestError;
      const isAborted = error.code === 'ABORTED';
      this.settle(key, call, isAborted ? undefined : error);
      if (!isAborted) queueMicrotask(() => this.report(error));
      throw error;
    }
  }

  private settle(key: string, call: object, error?: VortexRequestError): void {
    if (this.latest.get(key) !== call) return;
    this.latest.delete(key);
    const { loading, errors } = this.state;
    this.set({ loading: without(key, loading), ...(error && { errors: { ...errors, [key]: error } }) });
  }

  private set(change: Partial<CallsState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

function operationsOf(client: BrowserClient, read: Track, write: Track): InvitationMethods {
  return {
    getInvitationsByTarget: (type, value, options) =>
      read(
        () => `getByTarget-${type}-${value}`,
        (given) => client.getInvitationsByTarget(type, value, given),
        options,
      ),
    getInvitation: (id, options) =>
      read(
        () => `get-${id}`,
        (given) => client.getInvitation(id, given),
        options,
      ),
    revokeInvitation: (id, options) =>
      write(
        () => `revoke-${id}`,
        (given) => client.revokeInvitation(id, given),
        options,
      ),
    acceptInvitations: (ids, who, options) =>
      write(
        () => `accept-${ids.join(',')}`,
        (given) => client.acceptInvitations(ids, who, given),
        options,
      ),
    getInvitationsByScope: (type, scope, options) =>
      read(
        () => `getByScope-${type}-${scope}`,
        (given) => client.getInvitationsByScope(type, scope, given),
        options,
      ),
    deleteInvitationsByScope: (type, scope, options) =>
      write(
        () => `deleteByScope-${type}-${scope}`,
        (given) => client.deleteInvitationsByScope(type, scope, given),
        options,
      ),
    getInvitationsByGroup: (type, id, options) =>
      read(
        () => `getByGroup-${type}-${id}`,
        (given) => client.getInvitationsByGroup(type, id, given),
        options,
      ),
    deleteInvitationsByGroup: (type, id, options) =>
      write(
        () => `deleteByGroup-${type}-${id}`,
        (given) => client.deleteInvitationsByGroup(type, id, given),
        options,
      ),
    reinvite: (id, options) =>
      write(
        () => `reinvite-${id}`,
        (given) => client.reinvite(id, given),
        options,
      ),
    createInvitation: (input, options) =>
      write(
        () => `create-${input.target.value}`,
        (given) => client.createInvitation(input, given),
        options,
      ),
    getAutojoinDomains: (type, scope, options) =>
      read(
        () => `getAutojoin-${type}-${scope}`,
        (given) => client.getAutojoinDomains(type, scope, given),
        options,
      ),
    configureAutojoin: (input, options) =>
      write(
        () => `configureAutojoin-${input.scopeType}-${input.scope ?? input.scopeId}`,
        (given) => client.configureAutojoin(input, given),
        options,
      ),
    syncInternalInvitation: (input, options) =>
      write(
        () => `sync-${input.targetValue}`,
        (given) => client.syncInternalInvitation(input, given),
        options,
      ),
  };
}

function without<Value>(key: string, { [key]: _, ...rest }: Readonly<Record<string, Value>>): Record<string, Value> {
  return rest;
}
