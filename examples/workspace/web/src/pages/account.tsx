import { decodeToken, useVortexJWT } from '@vortex/react';
import { useEffect } from 'react';
import { api } from '../api.js';
import { useLoad } from '../load.js';
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

/** Shows the token that Vortex's own components would use. This page has none of them; it shows that the token stays fresh. */
function TokenCard() {
  const { jwt, error, refreshJwt, isExpiringSoon } = useVortexJWT();
  const { data } = useLoad('outbox', api.outbox);
  const { teams } = useSession();
  // The server gives a token for one team, and to its admins only.
  const scope = teams.find(({ role }) => role === 'admin')?.id;
  useEffect(() => {
    if (scope && isExpiringSoon()) void refreshJwt({ scopeType: 'team', scope });
  }, [scope, isExpiringSoon, refreshJwt]);
  const expires = jwt && decodeToken(jwt)?.claims.expires;
  return (
    <Card title="Browser token" id="token">
      <p className="lead">
        The server signs this token for Vortex components in your browser. It identifies you and renews automatically.
        The API key never leaves the server.
      </p>
      {scope ? (
        <div className="field token">
          <p role="status">
            {typeof expires === 'number'
              ? `Valid until ${new Date(expires * 1000).toLocaleTimeString()}`
              : error
                ? 'No token'
                : 'Loading…'}
          </p>
          <ActionButton onPress={() => refreshJwt()}>Renew now</ActionButton>
        </div>
      ) : (
        <p className="quiet small">Only team admins get a token, because components can send invitations with it.</p>
      )}
      {jwt && data?.emulatorUrl && (
        <p className="quiet small">
          See what it is for: <a href={`${data.emulatorUrl}/component/any#token=${jwt}`}>try it in a stand-in</a> for
          the component.
        </p>
      )}
      {error && <FailureText failure={error} />}
    </Card>
  );
}
