import { QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { VortexProvider } from '@vortex/react';
import { vortexKeys } from '@vortex/react/query';
import { type ReactNode, useState } from 'react';
import { api } from './api.js';
import { LiveProvider, useLiveEvents } from './live.js';
import { createQueries, createRefresh, keyOf, useLoad } from './load.js';
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
import { decoded, Link, Redirect, useLocation } from './router.js';
import { reloadChanged, SessionProvider, teamPath, useSession } from './session.js';
import { scopeOf } from './vortex.js';

export function App() {
  return (
    <WithQueries>
      <Pages />
    </WithQueries>
  );
}

function WithQueries({ children }: { children: ReactNode }) {
  const [queries] = useState(createQueries);
  return <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
}

function Pages() {
  const session = useLoad('me', api.me);
  const { data, failure, reload } = session;
  const queries = useQueryClient();
  const [refreshOf] = useState(() => createRefresh(queries));
  const refresh = () => refreshOf(keyOf('me'));
  const change = () => reloadChanged(session);
  const { pathname } = useLocation();
  useKeptFocus();

  let page: ReactNode;
  if (pathname === '/outbox') page = <OutboxPage />;
  else if (pathname === '/sign-in') page = <SignInLinkPage onSignedIn={change} />;
  else if (!data) page = failure ? <FailureNotice failure={failure} onRetry={reload} /> : null;
  else if (!data.user) page = <SignInPage onSignedIn={change} />;
  else {
    return (
      <WithQueries key={data.user.id}>
        <VortexProvider>
          <Toasts>
            <LiveProvider onRefused={refresh}>
              <SessionProvider value={{ user: data.user, teams: data.teams, reload, refresh }}>
                <SignedInPages />
              </SessionProvider>
            </LiveProvider>
          </Toasts>
        </VortexProvider>
      </WithQueries>
    );
  }
  return (
    <Toasts>
      <Shell>{page}</Shell>
    </Toasts>
  );
}

/** Loads again what the server's events say has changed. */
function useFreshData(): void {
  const { user, refresh: refreshSession } = useSession();
  const queries = useQueryClient();
  const [refresh] = useState(() => createRefresh(queries));
  useLiveEvents((event) => {
    if (event.about === 'everything') {
      refreshSession();
      refresh(keyOf());
      refresh(vortexKeys.all);
    } else if (event.about === 'team') {
      const scope = scopeOf({ id: event.teamId });
      refresh(vortexKeys.invitationsOf(scope));
      refresh(vortexKeys.autojoinDomains(scope));
      const changed = event.joined?.userId ?? event.left;
      if (changed !== undefined) refresh(keyOf(`team ${event.teamId}`));
      if (changed === user.id) refreshSession();
    } else {
      refresh(vortexKeys.invitation(event.invitationId));
      refresh(vortexKeys.invitationsTo({ type: 'email', value: user.email }));
    }
  });
}

/** The pages for a signed-in user. */
function SignedInPages() {
  const { teams } = useSession();
  const { pathname } = useLocation();
  useFreshData();

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
        <p>There is no page at this address.</p>
        <div className="actions">
          <Link className="button" href="/">
            Home page
          </Link>
        </div>
      </Notice>
    );
  }
  return <Shell>{page}</Shell>;
}
