import { useState } from 'react';
import { api, type Failure, failureOf } from '../api.js';
import { ActionButton } from '../parts/button.js';
import { FailureText, Notice } from '../parts/notice.js';
import { Link, navigate, ownPath, useLocation } from '../router.js';

/** Where the link in the mail leads. It works once, so a press is asked for: scanners of mail follow links, too. */
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
    <Notice title={failure ? 'This link does not work' : 'Almost there'}>
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
          <p>Your address is verified by this link. Sign in on this device?</p>
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
