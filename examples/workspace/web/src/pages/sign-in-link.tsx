import { useState } from 'react';
import { api } from '../api.js';
import { type Failure, failureOf } from '../failure.js';
import { ActionButton } from '../parts/button.js';
import { FailureText, Notice } from '../parts/notice.js';
import { Link, navigate, ownPath, useLocation } from '../router.js';

/** The page that a sign-in link opens. It asks for a click, since mail scanners follow links and the link only works once. */
export function SignInLinkPage({ onSignedIn }: { onSignedIn: () => void }) {
  const { searchParams } = useLocation();
  const [failure, setFailure] = useState<Failure>();
  const signIn = async () => {
    try {
      await api.signInByLink(searchParams.get('token') ?? '');
      navigate(ownPath(searchParams.get('next')), { replace: true });
      onSignedIn();
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  return (
    <Notice title={failure ? 'This link no longer works' : 'Almost there'}>
      {failure ? (
        <>
          <FailureText failure={failure} />
          <div className="actions">
            <Link className="button primary" href={ownPath(searchParams.get('next'))}>
              Get a new link
            </Link>
          </div>
        </>
      ) : (
        <>
          <p>This link confirms your email address. Sign in on this device?</p>
          <div className="actions">
            <ActionButton className="primary" onPress={signIn}>
              Sign in
            </ActionButton>
          </div>
        </>
      )}
    </Notice>
  );
}
