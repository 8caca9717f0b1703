/**
 * Keys and options of the queries, for `useQuery`, `useSuspenseQuery`, `prefetchQuery` and so on. It has no hook, so that a server
 * component can prefetch.
 */
import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryKeyWithDataTag,
  queryOptions,
  type UnusedSkipTokenInfiniteOptions,
  type UnusedSkipTokenOptions,
} from '@tanstack/react-query';
import type { BrowserClient, Invitation, TargetType, VortexRequestError } from '@vortex/browser';

/** The unit that invitations are for, such as a team. */
export interface Scope {
  /** Type of the scope, such as `team`. */
  type: string;
  /** The application's id of the scope. */
  id: string;
}

/** An address that invitations are sent to. */
export interface Target {
  type: TargetType;
  value: string;
}

/** One page of the open invitations of a scope. */
export interface InvitationPage {
  invitations: Invitation[];
  /** The `start` of the next page; null on the last one. */
  next: number | null;
}

/** The keys of all queries, for `invalidateQueries` and the like. Each begins with the one above it. */
export const vortexKeys = {
  all: ['vortex'] as const,
  invitation: (id: string) => ['vortex', 'invitation', id] as const,
  lists: ['vortex', 'list'] as const,
  invitationsTo: ({ type, value }: Target) => ['vortex', 'list', 'to', type, value] as const,
  invitationsOf: ({ type, id }: Scope) => ['vortex', 'list', 'of', type, id] as const,
  autojoinDomains: ({ type, id }: Scope) => ['vortex', 'autojoin', type, id] as const,
  /** The key of the mutation of `useRevoke`. */
  revoke: ['vortex', 'revoke'] as const,
};

const PAGE_SIZE = 20;

/** A query fails at once if `Retry-After` asks for a longer wait, in seconds, since a page that waits shows no error. */
const LONGEST_WAIT = 5;

/** Retries retryable failures twice. Another failure is shown at once, and so is one with a long `Retry-After`. */
function retry(failures: number, { isRetryable, retryAfter = 0 }: VortexRequestError): boolean {
  return failures < 2 && isRetryable && retryAfter <= LONGEST_WAIT;
}

/** Waits as long as the server asks, or one second, then two. */
function retryDelay(failures: number, { retryAfter }: VortexRequestError): number {
  return Math.max(1000 * 2 ** failures, (retryAfter ?? 0) * 1000);
}

const policy = { retry, retryDelay };

type Keys = {
  [Name in 'invitation' | 'invitationsTo' | 'invitationsOf' | 'autojoinDomains']: ReturnType<(typeof vortexKeys)[Name]>;
};
// By the name of the tagged key: a program that exports options could not name the symbols of `DataTag` in its declarations.
type Options<Data, Key extends readonly unknown[]> = UnusedSkipTokenOptions<Data, VortexRequestError, Data, Key> &
  QueryKeyWithDataTag<Key, Data, VortexRequestError>;

/** The options of each query, for `useQuery`, `useSuspenseQuery`, `prefetchQuery` and so on. */
export interface VortexQueries {
  invitation: (id: string) => Options<Invitation, Keys['invitation']>;
  invitationsTo: (target: Target) => Options<Invitation[], Keys['invitationsTo']>;
  /** For `useInfiniteQuery` and the like. */
  invitationsOf: (
    scope: Scope,
  ) => UnusedSkipTokenInfiniteOptions<
    InvitationPage,
    VortexRequestError,
    InfiniteData<InvitationPage, number>,
    Keys['invitationsOf'],
    number
  > &
    QueryKeyWithDataTag<Keys['invitationsOf'], InfiniteData<InvitationPage>, VortexRequestError>;
  autojoinDomains: (scope: Scope) => Options<string[], Keys['autojoinDomains']>;
}

/**
 * Returns the options of each query for a client. Use it where there is no provider: to prefetch on a server, or in a loader of a
 * router.
 */
export function vortexQueries(client: BrowserClient): VortexQueries {
  return {
    invitation: (id) =>
      queryOptions({
        queryKey: vortexKeys.invitation(id),
        queryFn: ({ signal }) => client.getInvitation(id, { signal }),
        ...policy,
      }),
    invitationsTo: (target) =>
      queryOptions({
        queryKey: vortexKeys.invitationsTo(target),
        queryFn: ({ signal }) => client.getInvitationsByTarget(target.type, target.value, { signal }),
        ...policy,
      }),
    invitationsOf: (scope) =>
      infiniteQueryOptions({
        queryKey: vortexKeys.invitationsOf(scope),
        queryFn: async ({ signal, pageParam }) => {
          const invitations = await client.getInvitationsByScope(scope.type, scope.id, { start: pageParam, signal });
          return { invitations, next: invitations.length < PAGE_SIZE ? null : pageParam + invitations.length };
        },
        initialPageParam: 0,
        getNextPageParam: ({ next }: InvitationPage) => next,
        ...policy,
      }),
    autojoinDomains: (scope) =>
      queryOptions({
        queryKey: vortexKeys.autojoinDomains(scope),
        queryFn: async ({ signal }) => {
          const { autojoinDomains } = await client.getAutojoinDomains(scope.type, scope.id, { signal });
          return autojoinDomains.map(({ domain }) => domain);
        },
        ...policy,
      }),
  };
}
