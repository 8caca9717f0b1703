import { VortexProvider } from '@vortex/react';
import type { ReactNode } from 'react';
import { api } from './api.js';
import { LiveProvider, useLiveEvents } from './live.js';
import { keepFor, useLoad } from './load.js';
import { AccountPage } from './pages/account.js';
import { InvitationPage } from './pages/invitation.js';
import { InvitationsPage } from './pages/invitations.js';
import { JoiningPage } from './pages/joining.js';
import { OutboxPage } from './pages/outbox.js';
import { SignInPage } from './pages/sign-in.js';
import { SignInLinkPage } from './pages/sign-in-link.js';
import { TeamPage } from './pages/team.js';
import { useKeptFocus } from './parts/focus.js';
import { FailureNotice, Notice } from './parts/notice.js';
import { Shell } from './parts/shell.js';
import { Toasts } from './parts/toasts.js';
import { decoded, Redirect, useLocation } from './router.js';
import { SessionProvider, teamPath, useSession } from './session.js';

export function App() {
  const session = useLoad('me', api.me);
  const { data, failure, reload } = session;
  const { pathname } = useLocation();
  useKeptFocus();
  keepFor(data?.user?.id);

  let page: ReactNode;
  if (pathname === '/outbox') page = <OutboxPage />;
  else if (pathname === '/sign-in') page = <SignInLinkPage onSignedIn={reload} />;
  else if (!data) page = failure ? <FailureNotice failure={failure} onRetry={reload} /> : null;
  else if (!data.user) page = <SignInPage onSignedIn={reload} />;
  else {
    return (
      <VortexProvider key={data.user.id}>
        <Toasts>
          <LiveProvider onRefused={reload}>
            <SessionProvider value={{ user: data.user, teams: data.teams, reload }}>
              <SignedInPages />
            </SessionProvider>
          </LiveProvider>
        </Toasts>
      </VortexProvider>
    );
  }
  return (
    <Toasts>
      <Shell>{page}</Shell>
    </Toasts>
  );
}

/** The pages for a signed-in user. */
function SignedInPages() {
  const { user, teams, reload } = useSession();
  const { pathname } = useLocation();
  useLiveEvents((event) => {
    const isMine = event.about === 'team' && (event.joined?.userId ?? event.left) === user.id;
    if (event.about === 'everything' || isMine) reload();
  });

  const [first] = teams;
  const [, part = '', below] = /^\/teams\/([^/]+)(?:\/(joining))?$/u.exec(pathname) ?? [];
  const teamId = decoded(part);
  let page: ReactNode;
  if (teamId) {
    page = below ? <JoiningPage key={teamId} teamId={teamId} /> : <TeamPage key={teamId} teamId={teamId} />;
  } else if (pathname === '/invitation') page = <InvitationPage />;
  else if (pathname === '/invitations') page = <InvitationsPage />;
  else if (pathname === '/account') page = <AccountPage />;
  else if (pathname === '/') page = <Redirect to={first ? teamPath(first) : '/invitations'} />;
  else {
    page = (
      <Notice title="Page not found">
        <p>
          Check the address, or <a href="/">go to the home page</a>.
        </p>
      </Notice>
    );
  }
  return <Shell>{page}</Shell>;
}
