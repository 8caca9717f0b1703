import { type ReactNode, useEffect, useRef } from 'react';
import { useConnection } from '../live.js';
import { Link, useLocation } from '../router.js';
import { teamPath, useMaybeSession } from '../session.js';
import { Avatar, TeamBadge } from './avatar.js';

/** The header and the main area around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const session = useMaybeSession();
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);

  // Moves the focus to the new page, so that keyboard users continue there.
  useEffect(() => {
    if (shown.current !== pathname) main.current?.focus({ preventScroll: true });
    shown.current = pathname;
  }, [pathname]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="top">
        <div className="top-inner">
          <Link className="brand" href="/">
            <img src="/icon.svg" alt="" width="28" height="28" />
            Roster
          </Link>
          {session && (
            <nav className="teams" aria-label="Teams">
              {session.teams.map((team) => (
                <NavLink key={team.id} href={teamPath(team)}>
                  <TeamBadge name={team.name} /> {team.name}
                </NavLink>
              ))}
              <NavLink href="/invitations">Invitations</NavLink>
            </nav>
          )}
          <div className="you">
            {session && <ConnectionState />}
            <a className="quiet" href="/outbox" target="_blank" rel="noopener">
              Outbox
            </a>
            {session && (
              <Link className="account" href="/account">
                <Avatar id={session.user.id} name={session.user.name} />
                <span className="unseen">Account: </span>
                <span className="account-name">{session.user.name}</span>
              </Link>
            )}
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        {children}
      </main>
    </>
  );
}

function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const { pathname } = useLocation();
  const isHere = pathname === href || pathname.startsWith(`${href}/`);
  return (
    <Link href={href} aria-current={isHere ? 'page' : undefined}>
      {children}
    </Link>
  );
}

const words = { connecting: 'Connecting', live: 'Live', lost: 'Offline' };

function ConnectionState() {
  const connection = useConnection();
  return (
    <span
      className={`connection ${connection}`}
      role="status"
      title="This page updates automatically while you are online."
    >
      {words[connection]}
      {connection === 'lost' && <span className="more">reconnecting…</span>}
    </span>
  );
}
