import { useState } from 'react';
import { api } from '../api.js';
import { type Failure, failureOf } from '../failure.js';
import { ActionButton } from '../parts/button.js';
import { FailureText, Notice } from '../parts/notice.js';
import { Link, navigate, ownPath, useLocation } from '../router.js';

/** The page that a sign-in link opens. It asks for a click, since mail scanners follow links and the link only works once. */
export function SignInLinkPage({ onSignedIn }: { onSignedIn: () => Promise<unknown> }) {
  const { searchParams } = useLocation();
  const [failure, setFailure] = useState<Failure>();
  const [isUsed, setUsed] = useState(false);
  const signIn = async () => {
    setFailure(undefined);
    try {
      // The link only works once. If the session cannot be loaded afterwards, only that is tried again.
      if (!isUsed) await api.signInByLink(searchParams.get('token') ?? '');
      setUsed(true);
      // First: the next page would redirect another user, who was signed in until now.
      await onSignedIn();
      navigate(ownPath(searchParams.get('next')), { replace: true });
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  if (failure?.code === 'LINK_EXPIRED') {
    return (
      <Notice title="This link no longer works">
        <FailureText failure={failure} />
        <div className="actions">
          <Link className="button primary" href={ownPath(searchParams.get('next'))}>
            Get a new link
          </Link>
        </div>
      </Notice>
    );
  }
  return (
    <Notice title="Almost there">
      <p>This link confirms your email address. Sign in on this device?</p>
      {failure && <FailureText failure={failure} />}
      <div className="actions">
        <ActionButton className="primary" onPress={signIn}>
          {failure ? 'Try again' : 'Sign in'}
        </ActionButton>
      </div>
    </Notice>
  );
}
