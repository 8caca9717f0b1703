import type { ReactNode } from 'react';
import type { Failure } from '../api.js';
import { useTitle } from './title.js';

/** A page that says one thing. */
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

/** Something that cannot be shown: why, in words and as the code to quote, and what to do about it. */
export function FailureNotice({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  return (
    <Notice title={failure.status === 403 ? 'This is not for you to see' : 'This cannot be shown'}>
      <FailureText failure={failure} />
      <div className="actions">
        <button type="button" className="primary" onClick={onRetry}>
          Try again
        </button>
        <a className="button" href="/">
          Start page
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

/** In a card whose list did not come, or not anew. */
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

/** In place of a list that cannot be shown, or has nothing in it. */
export function Empty({ title, icon, children }: { title: string; icon?: ReactNode; children?: ReactNode }) {
  return (
    <div className="empty">
      {icon}
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}
