import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import './style.css';
import { Providers } from './providers';
import { currentUser, signOut } from './session';

export const metadata: Metadata = { title: 'Invitations with Next.js' };

export default async function Layout({ children }: { children: ReactNode }) {
  const user = await currentUser();
  return (
    <html lang="en">
      <body>
        {user && (
          <header>
            <div>
              <p className="quiet">Signed in as {user.name}</p>
              <form action={signOut}>
                <button type="submit">Sign out</button>
              </form>
            </div>
          </header>
        )}
        <main>
          <Providers key={user?.id}>{children}</Providers>
        </main>
      </body>
    </html>
  );
}
