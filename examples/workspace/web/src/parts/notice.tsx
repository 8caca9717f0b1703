import type { ReactNode } from 'react';
import type { Failure } from '../failure.js';
import { useLocation } from '../router.js';
import { useTitle } from './title.js';

/** A page with a single message. */
export function Notice({ title, figure, children }: { title: string; figure?: ReactNode; children: ReactNode }) {
  useTitle(title);
  return (
    <section className="card notice">
      {figure}
      <h1>{title}</h1>
      {children}
    </section>
  );
}

/** The page for a failed load: the reason, and a button to try again, unless that would be refused as well. */
export function FailureNotice({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  const isRefused = failure.status === 403;
  return (
    <Notice title={isRefused ? 'You don’t have access' : 'This page didn’t load'}>
      <FailureText failure={failure} />
      <div className="actions">
        {!isRefused && (
          <button type="button" className="primary" onClick={onRetry}>
            Try again
          </button>
        )}
        <a className={isRefused ? 'button primary' : 'button'} href="/">
          Home page
        </a>
      </div>
    </Notice>
  );
}

/** An error. If the session has ended, it has a link to sign in again. */
export function FailureText({ failure }: { failure: Failure }) {
  return (
    <p className="failure" role="alert">
      {failure.message} {failure.code === 'UNAUTHENTICATED' && <SignInAgain />}
    </p>
  );
}

/** Loads this page again, which asks a signed-out user to sign in and then returns to it. */
export function SignInAgain() {
  const { href } = useLocation();
  return <a href={href}>Sign in again</a>;
}

/** The part of a card that says that its list could not be loaded. */
export function LoadFailure({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  return (
    <div className="empty">
      <FailureText failure={failure} />
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

/** The part of a card that replaces an empty or hidden list. */
export function Empty({ title, icon, children }: { title: string; icon?: ReactNode; children?: ReactNode }) {
  return (
    <div className="empty">
      {icon}
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}
