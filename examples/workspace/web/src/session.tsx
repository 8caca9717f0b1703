import { createContext, type ReactNode, use } from 'react';
import type { Session, Team, User } from './api.js';

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

export function teamPath({ id }: Pick<Team, 'id'>, below = ''): string {
  return `/teams/${encodeURIComponent(id)}${below}`;
}
