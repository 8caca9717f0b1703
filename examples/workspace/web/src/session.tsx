import { createContext, type ReactNode, use } from 'react';
import { api, type Session, type Team, type User } from './api.js';
import type { Loaded } from './load.js';
import { useFailureToast } from './parts/toasts.js';
import { navigate } from './router.js';

interface SignedIn {
  user: User;
  teams: Session['teams'];
  /** Loads the session again, in place of a load under way. */
  reload: Loaded<Session>['reload'];
  /** Loads the session again, after a load under way. For events, which may come faster than a load ends. */
  refresh(): void;
}

const Current = createContext<SignedIn | undefined>(undefined);

export function SessionProvider({ value, children }: { value: SignedIn; children: ReactNode }) {
  return <Current value={value}>{children}</Current>;
}

export function useMaybeSession(): SignedIn | undefined {
  return use(Current);
}

/** Returns the session on pages that only signed-in users see. */
export function useSession(): SignedIn {
  const session = use(Current);
  if (!session) throw new Error('useSession needs a <SessionProvider> above the component that calls it.');
  return session;
}

/**
 * Loads the session after a sign-in or a sign-out.
 *
 * @throws the error of the load. The pages then still have the last session
 */
export async function reloadChanged({ reload }: Pick<SignedIn, 'reload'>): Promise<void> {
  const { error } = await reload();
  if (error) throw error;
}

/**
 * Returns a function that signs the user out and reloads the session.
 *
 * @param to the path to open afterwards; without it, the page stays
 */
export function useSignOut(to?: string): () => Promise<void> {
  const session = useSession();
  const sayFailure = useFailureToast();
  return async () => {
    try {
      await api.signOut();
      // First: the page at `to` would redirect the user who was signed in until now.
      await reloadChanged(session);
      if (to) navigate(to, { replace: true });
    } catch (error) {
      sayFailure(error);
    }
  };
}

export function teamPath({ id }: Pick<Team, 'id'>, below = ''): string {
  return `/teams/${encodeURIComponent(id)}${below}`;
}
