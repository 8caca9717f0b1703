import type { ReactNode } from 'react';
import type { Failure } from '../api.js';
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

/** The page for a failed load: the reason, the error code, and a button to try again. */
export function FailureNotice({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  return (
    <Notice title={failure.status === 403 ? 'You don’t have access' : 'This page could not be loaded'}>
      <FailureText failure={failure} />
      <div className="actions">
        <button type="button" className="primary" onClick={onRetry}>
          Try again
        </button>
        <a className="button" href="/">
          Home page
        </a>
      </div>
    </Notice>
  );
}

export function FailureText({ failure }: { failure: Failure }) {
  return (
    <p className="failure" role="alert">
      {failure.message} <code>{failure.code}</code>
    </p>
  );
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
