import { createContext, type ReactNode, use } from 'react';
import { api, type Session, type Team, type User } from './api.js';
import { useFailureToast } from './parts/toasts.js';
import { navigate } from './router.js';

interface SignedIn {
  user: User;
  teams: Session['teams'];
  reload(): void;
}

const Current = createContext<SignedIn | undefined>(undefined);

export function SessionProvider({ value, children }: { value: SignedIn; children: ReactNode }) {
  return <Current value={value}>{children}</Current>;
}

export function useMaybeSession(): SignedIn | undefined {
  return use(Current);
}

/** Who is signed in, on pages that nobody else sees. */
export function useSession(): SignedIn {
  const session = use(Current);
  if (!session) throw new Error('Nobody is signed in on this page.');
  return session;
}

/** @param to where that leads; otherwise the page stays, and asks who is there */
export function useSignOut(to?: string): () => Promise<void> {
  const { reload } = useSession();
  const sayFailure = useFailureToast();
  return async () => {
    try {
      await api.signOut();
      if (to) navigate(to, { replace: true });
      reload();
    } catch (error) {
      sayFailure(error);
    }
  };
}

export function teamPath({ id }: Pick<Team, 'id'>, below = ''): string {
  return `/teams/${encodeURIComponent(id)}${below}`;
}
