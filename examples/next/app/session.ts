/** Stands in for your sign-in: anyone can choose a user, and the cookie is not signed. Your application must not do this. */
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { findUser, type User } from './people';

export const COOKIE = 'user';

export async function currentUser(): Promise<User | null> {
  return findUser((await cookies()).get(COOKIE)?.value);
}

export async function signIn(form: FormData): Promise<void> {
  'use server';
  (await cookies()).set(COOKIE, String(form.get('user')), { httpOnly: true, sameSite: 'lax' });
  const invitationId = form.get('invitationId');
  redirect(invitationId ? `/invitation?${new URLSearchParams({ invitationId: String(invitationId) })}` : '/');
}

export async function signOut(): Promise<void> {
  'use server';
  (await cookies()).delete(COOKIE);
  redirect('/');
}
