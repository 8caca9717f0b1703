'use client';

import {
  type InfiniteData,
  type QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useMutationState,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type {
  AcceptedInvitations,
  Autojoin,
  ConfigureAutojoinRequest,
  CreatedInvitation,
  CreateInvitationRequest,
  Invitation,
  VortexRequestError,
} from '@vortex/browser';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useVortexClient } from '../hooks.js';
import {
  type InvitationPage,
  type Scope,
  type Target,
  type VortexQueries,
  vortexKeys,
  vortexQueries,
} from './queries.js';

/** Returns the options of each query for the client of the provider, for instance for `useSuspenseQuery`. */
export function useVortexQueries(): VortexQueries {
  const client = useVortexClient();
  return useMemo(() => vortexQueries(client), [client]);
}

/** Loads one invitation. */
export function useInvitation(id: string): UseQueryResult<Invitation, VortexRequestError> {
  return useQuery(useVortexQueries().invitation(id));
}

/** Loads the open invitations to an address. An invitation disappears while `useRevoke` revokes it. */
export function useInvitationsTo(target: Target): UseQueryResult<Invitation[], VortexRequestError> {
  const revoking = useRevoking();
  const select = useCallback((list: Invitation[]) => list.filter(({ id }) => !revoking.includes(id)), [revoking]);
  return useQuery({ ...useVortexQueries().invitationsTo(target), select });
}

export interface InvitationsOf {
  /** The open invitations of all pages so far; undefined until the first page has arrived. */
  invitations: Invitation[] | undefined;
  /** Why the last load failed. `invitations` keeps what an earlier load returned. */
  error: VortexRequestError | null;
  /** True until the first page has arrived or failed. */
  isPending: boolean;
  /** True while any page is loaded. */
  isFetching: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  /** Loads the next page of 20. Never rejects: a failure is in `error`. */
  loadMore: () => void;
  /** Loads all pages again. Never rejects. */
  refetch: () => void;
}

/** Loads the open invitations of a scope, 20 a page. An invitation disappears while `useRevoke` revokes it. */
export function useInvitationsOf(scope: Scope): InvitationsOf {
  const revoking = useRevoking();
  const { data, error, isPending, isFetching, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery(useVortexQueries().invitationsOf(scope));
  const invitations = useMemo(
    () => data?.pages.flatMap((page) => page.invitations).filter(({ id }) => !revoking.includes(id)),
    [data, revoking],
  );
  return useMemo(
    () => ({
      invitations,
      error,
      isPending,
      isFetching,
      hasMore: hasNextPage,
      isLoadingMore: isFetchingNextPage,
      loadMore: () => void fetchNextPage(),
      refetch: () => void refetch(),
    }),
    [invitations, error, isPending, isFetching, hasNextPage, isFetchingNextPage, fetchNextPage, refetch],
  );
}

/** Loads the e-mail domains whose users may join a scope. */
export function useAutojoinDomains(scope: Scope): UseQueryResult<string[], VortexRequestError> {
  return useQuery(useVortexQueries().autojoinDomains(scope));
}

/** The ids of the invitations that are being revoked. */
function useRevoking(): string[] {
  return useMutationState({
    filters: { mutationKey: vortexKeys.revoke, status: 'pending' },
    select: ({ state }) => state.variables as string,
  });
}

/**
 * Revokes an invitation by its id. Lists hide it at once, and show it again if the call fails. `mutate` does not throw: a refusal is
 * in `error`, and its invitation in `variables`.
 */
export function useRevoke(): UseMutationResult<void, VortexRequestError, string> {
  const client = useVortexClient();
  const queries = useQueryClient();
  return useMutation({
    mutationKey: vortexKeys.revoke,
    mutationFn: (id) => client.revokeInvitation(id),
    onSuccess: async (_, id) => {
      await forget(queries, [id]);
    },
    onSettled: (_, __, id) => void refresh(queries, [id]),
  });
}

/** Accepts invitations by their ids, with the caller's own address. */
export function useAccept(): UseMutationResult<AcceptedInvitations, VortexRequestError, string | readonly string[]> {
  const client = useVortexClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (ids) => client.acceptInvitations(listOf(ids)),
    onSuccess: async (_, ids) => {
      await forget(queries, listOf(ids));
    },
    onSettled: (_, __, ids) => void refresh(queries, listOf(ids)),
  });
}

/** Sends the message of an invitation again, by its id. */
export function useReinvite(): UseMutationResult<Invitation, VortexRequestError, string> {
  const client = useVortexClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id) => client.reinvite(id),
    onSettled: (_, __, id) => void refresh(queries, [id]),
  });
}

/** Replaces the autojoin domains of a scope. */
export function useConfigureAutojoin(): UseMutationResult<Autojoin, VortexRequestError, ConfigureAutojoinRequest> {
  const client = useVortexClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input) => client.configureAutojoin(input),
    onSuccess: ({ autojoinDomains }, { scopeType: type, scope, scopeId }) => {
      const key = vortexKeys.autojoinDomains({ type, id: scope ?? scopeId ?? '' });
      queries.setQueryData<string[]>(
        key,
        autojoinDomains.map(({ domain }) => domain),
      );
      return queries.invalidateQueries({ queryKey: key });
    },
  });
}

/** An invitation for several people: everything that `createInvitation` takes, with `to` in place of `target`. */
export interface InviteRequest extends Omit<CreateInvitationRequest, 'target'> {
  /** The e-mail addresses, or targets of other types. */
  to: readonly (string | CreateInvitationRequest['target'])[];
}

/** The result of inviting one address. */
export type InviteResult =
  | { address: string; status: 'waiting' | 'sending' }
  | { address: string; status: 'sent'; invitation: CreatedInvitation }
  | { address: string; status: 'failed'; error: VortexRequestError };

export interface Invite {
  /** Invites all addresses, four at a time. Never rejects: the result of each address says what became of it. */
  invite: (request: InviteRequest) => Promise<InviteResult[]>;
  /** A result for each address of the last call, in its order. */
  results: readonly InviteResult[];
  isPending: boolean;
  /** How many addresses have been sent or refused. */
  done: number;
  /** Forgets the results. */
  reset: () => void;
}

const AT_A_TIME = 4;
const NO_RESULTS: readonly InviteResult[] = [];

/** Invites one person or many, with a result for each: one bad address does not keep the others from being sent. */
export function useInvite(): Invite {
  const client = useVortexClient();
  const queries = useQueryClient();
  const [results, setResults] = useState(NO_RESULTS);
  const latest = useRef<object>(undefined);

  const invite = useCallback(
    async ({ to, ...rest }: InviteRequest) => {
      const targets = to.map((one) => (typeof one === 'string' ? { type: 'email' as const, value: one } : one));
      let current: InviteResult[] = targets.map(({ value }) => ({ address: value, status: 'waiting' }));
      latest.current = targets;
      const set = (index: number, result: InviteResult) => {
        current = current.map((one, at) => (at === index ? result : one));
        if (latest.current === targets) setResults(current);
      };
      setResults(current);

      // The workers share one iterator, so that each takes the next address.
      const queue = targets.entries();
      const work = async () => {
        for (const [index, target] of queue) {
          const address = target.value;
          set(index, { address, status: 'sending' });
          try {
            // An interface cannot say that `scopeType` needs `scopeId`. The server refuses a request without it.
            const invitation = await client.createInvitation({ ...rest, target } as CreateInvitationRequest);
            set(index, { address, status: 'sent', invitation });
          } catch (error) {
            set(index, { address, status: 'failed', error: error as VortexRequestError });
          }
        }
      };
      await Promise.all(targets.slice(0, AT_A_TIME).map(work));
      void queries.invalidateQueries({ queryKey: vortexKeys.lists });
      return current;
    },
    [client, queries],
  );
  const reset = useCallback(() => {
    latest.current = undefined;
    setResults(NO_RESULTS);
  }, []);

  const done = results.filter(({ status }) => status === 'sent' || status === 'failed').length;
  return useMemo(
    () => ({ invite, results, isPending: done < results.length, done, reset }),
    [invite, results, done, reset],
  );
}

function listOf(ids: string | readonly string[]): readonly string[] {
  return typeof ids === 'string' ? [ids] : ids;
}

/**
 * Removes invitations from all lists. A load under way is aborted first, since its answer could bring them back. The next pages
 * begin that much earlier: pages are counted by the invitations before them.
 */
async function forget(queries: QueryClient, ids: readonly string[]): Promise<void> {
  await queries.cancelQueries({ queryKey: vortexKeys.lists });
  const without = (list: Invitation[]) => list.filter(({ id }) => !ids.includes(id));
  queries.setQueriesData<Invitation[] | InfiniteData<InvitationPage, number>>(
    { queryKey: vortexKeys.lists },
    (data) => {
      if (!data || Array.isArray(data)) return data && without(data);
      let removed = 0;
      const pages = data.pages.map(({ invitations, next }) => {
        const rest = without(invitations);
        removed += invitations.length - rest.length;
        return { invitations: rest, next: next === null ? null : next - removed };
      });
      return { ...data, pages };
    },
  );
}

/** Loads again what a change of these invitations affects. */
function refresh(queries: QueryClient, ids: readonly string[]): Promise<unknown> {
  return Promise.all([
    queries.invalidateQueries({ queryKey: vortexKeys.lists }),
    ...ids.map((id) => queries.invalidateQueries({ queryKey: vortexKeys.invitation(id) })),
  ]);
}
