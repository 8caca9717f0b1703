import { VortexInvite } from '@teamvortexsoftware/vortex-react';
import { useVortexAuth } from '@vortex/react';
import { useEffect } from 'react';

export function InvitePeople({ team }: { team: string }) {
  const { jwt, isLoading, error, refreshJwt } = useVortexAuth();
  useEffect(() => {
    void refreshJwt({ scope: team, scopeType: 'team' });
  }, [refreshJwt, team]);
  if (error && !jwt) return <p role="alert">{error.message}</p>;
  return (
    <VortexInvite
      componentId="id of your component at Vortex"
      jwt={jwt ?? ''}
      isLoading={isLoading || !jwt}
      scope={team}
      scopeType="team"
    />
  );
}
