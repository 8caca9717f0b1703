import { decodeToken, useVortexJWT } from '@vortex/react';
import { useEffect } from 'react';
import { Avatar } from '../parts/avatar.js';
import { ActionButton } from '../parts/button.js';
import { FailureText } from '../parts/notice.js';
import { Card } from '../parts/rows.js';
import { useTitle } from '../parts/title.js';
import { useSession, useSignOut } from '../session.js';

export function AccountPage() {
  const { user } = useSession();
  const signOut = useSignOut('/');
  useTitle('Account');
  return (
    <>
      <div className="team-head">
        <Avatar id={user.id} name={user.name} large />
        <div className="team-title">
          <h1>{user.name}</h1>
          <p className="quiet">{user.email} · verified</p>
        </div>
        <ActionButton onPress={signOut}>Sign out</ActionButton>
      </div>
      <TokenCard />
    </>
  );
}

/** What Vortex's own components would be given. This page needs none of them, and shows that the token stays fresh. */
function TokenCard() {
  const { jwt, error, refreshJwt, refreshIfNeeded } = useVortexJWT();
  useEffect(() => void refreshIfNeeded(), [refreshIfNeeded]);
  const expires = jwt && decodeToken(jwt)?.claims.expires;
  return (
    <Card title="Token for the browser" id="token">
      <p className="lead">
        Signed by the server, for components of Vortex's own in this page. It names you and is renewed by itself; the
        API key never leaves the server.
      </p>
      <div className="field token">
        <p role="status">
          {typeof expires === 'number'
            ? `Good until ${new Date(expires * 1000).toLocaleTimeString()}`
            : error
              ? 'There is none.'
              : 'Fetching…'}
        </p>
        <ActionButton onPress={() => refreshJwt()}>Renew now</ActionButton>
      </div>
      {error && <FailureText failure={error} />}
    </Card>
  );
}
