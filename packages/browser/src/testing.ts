/** A client without a server, for tests of components. */
import type { Invitation, ScopeInput } from '@vortex/core';
import type { BrowserClient } from './client.js';
import { VortexRequestError } from './errors.js';
import { invitationState } from './invitation-state.js';

type Methods = { [Method in keyof BrowserClient]?: BrowserClient[Method] | undefined };

export interface TestClientOptions extends Methods {
  /**
   * The invitations that exist at the start. Only `id` is required.
   *
   * @default []
   */
  invitations?: readonly Invitation[] | undefined;
  /**
   * The token that `getJwt` returns.
   *
   * @default a call of `getJwt` rejects with the code `UNAUTHENTICATED`
   */
  jwt?: string | undefined;
}

export interface TestClient extends BrowserClient {
  /** A copy of all invitations, closed ones included, oldest first. */
  readonly invitations: readonly Invitation[];
  /**
   * The calls so far, such as `['revokeInvitation', 'i-1']`. The options of a call, `start` and `signal`, are left out, and so are
   * undefined arguments at the end.
   */
  readonly calls: readonly (readonly [method: keyof BrowserClient, ...args: unknown[]])[];
}

const PAGE_SIZE = 20;
/** How many arguments each method takes before its options. */
const ARGUMENTS = {
  getJwt: 1,
  getInvitationsByTarget: 2,
  getInvitation: 1,
  revokeInvitation: 1,
  acceptInvitations: 2,
  getInvitationsByScope: 2,
  deleteInvitationsByScope: 2,
  getInvitationsByGroup: 2,
  deleteInvitationsByGroup: 2,
  reinvite: 1,
  createInvitation: 1,
  getAutojoinDomains: 2,
  configureAutojoin: 1,
  syncInternalInvitation: 1,
} as const satisfies Record<keyof BrowserClient, number>;

/**
 * Creates a client that keeps its invitations in memory. Give a method of your own to script an answer or a refusal:
 * `createTestClient({ revokeInvitation: () => Promise.reject(new VortexRequestError('FORBIDDEN', 'No.')) })`. It applies no rules
 * and validates nothing; for that, mount the routes in front of `@vortex/emulator`.
 */
export function createTestClient({ invitations: given = [], jwt, ...own }: TestClientOptions = {}): TestClient {
  const invitations = given.map((one) => ({ ...one }));
  const domains = new Map<string, string[]>();
  const calls: [keyof BrowserClient, ...unknown[]][] = [];

  const find = (id: string): Invitation => {
    const found = invitations.find((one) => one.id === id);
    if (!found) throw new VortexRequestError('NOT_FOUND', 'Not found.', { status: 404 });
    return found;
  };
  const open = (matches: (one: Invitation) => boolean | undefined) =>
    invitations.filter((one) => invitationState(one) === 'open' && matches(one)).map((one) => ({ ...one }));
  const isIn = (type: string, id: string) => (one: Invitation) =>
    one.scopes?.some((scope) => scope.type === type && scope.scopeId === id);
  const close = (matches: (one: Invitation) => boolean | undefined) => {
    for (const one of invitations) if (matches(one)) one.deactivated = true;
  };
  const autojoin = (key: string) => ({
    autojoinDomains: (domains.get(key) ?? []).map((domain) => ({ id: domain, domain })),
    invitation: null,
  });

  const methods: BrowserClient = {
    async getJwt() {
      if (jwt === undefined) throw new VortexRequestError('UNAUTHENTICATED', 'Sign in first.', { status: 401 });
      return jwt;
    },
    getInvitationsByTarget: async (_, value) => open((one) => one.target?.some((target) => target.value === value)),
    getInvitation: async (id) => ({ ...find(id) }),
    async revokeInvitation(id) {
      find(id).deactivated = true;
    },
    async acceptInvitations(ids) {
      const accepted = ids.map((id) => Object.assign(find(id), { status: 'accepted' }));
      const [first = find('')] = accepted;
      return { ...first, invitations: accepted.map((one) => ({ ...one })) };
    },
    getInvitationsByScope: async (type, scope, { start = 0 } = {}) =>
      open(isIn(type, scope)).slice(start, start + PAGE_SIZE),
    deleteInvitationsByScope: async (type, scope) => close(isIn(type, scope)),
    getInvitationsByGroup: async (type, scope) => open(isIn(type, scope)).slice(0, PAGE_SIZE),
    deleteInvitationsByGroup: async (type, scope) => close(isIn(type, scope)),
    async reinvite(id) {
      const one = find(id);
      one.deliveryCount = (one.deliveryCount ?? 1) + 1;
      return { ...one };
    },
    async createInvitation({ target, scopes, groups, scopeId, scopeType, scopeName }) {
      const id = `invitation-${invitations.length + 1}`;
      const createdAt = new Date().toISOString();
      const one: ScopeInput[] = scopeId ? [{ type: scopeType ?? 'default', scopeId, name: scopeName }] : [];
      const full = (groups ?? scopes ?? one).map(({ type, name, ...ids }) => {
        // As `VortexClient` reads them, from which this package imports types only.
        const id = ids.groupId || ids.scopeId || '';
        return { type, scopeId: id, groupId: id, name: name || id };
      });
      invitations.push({
        id,
        status: 'sent',
        createdAt,
        target: [target as { type: string; value: string }],
        scopes: full,
      });
      return { id, status: 'sent', createdAt, shortLink: `https://invitation.example/${id}` };
    },
    getAutojoinDomains: async (type, scope) => autojoin(`${type} ${scope}`),
    async configureAutojoin({ scopeType, scope, scopeId, domains: all }) {
      const key = `${scopeType} ${scope ?? scopeId}`;
      domains.set(key, [...all]);
      return autojoin(key);
    },
    syncInternalInvitation: async () => ({ processed: 0, invitationIds: [] }),
  };

  const recording = (Object.keys(methods) as (keyof BrowserClient)[]).map((name) => {
    const method = (own[name] ?? methods[name]) as (...given: never[]) => unknown;
    return [
      name,
      async (...args: never[]) => {
        const recorded: unknown[] = args.slice(0, ARGUMENTS[name]);
        while (recorded.length > 0 && recorded[recorded.length - 1] === undefined) recorded.pop();
        calls.push([name, ...recorded]);
        return method(...args);
      },
    ];
  });
  return Object.defineProperties(Object.fromEntries(recording) as TestClient, {
    invitations: { get: () => invitations.map((one) => ({ ...one })) },
    calls: { value: calls },
  });
}
