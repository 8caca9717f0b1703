import { useInvitations, useVortexAuth, VortexProvider } from '@vortex/react';
import { useEffect, useState } from 'react';

export function App() {
  return (
    <VortexProvider>
      <Team id="team-1" />
    </VortexProvider>
  );
}

function Team({ id }: { id: string }) {
  const { user, error, refreshJwt } = useVortexAuth();
  const { getInvitationsByScope, revokeInvitation, isLoading, getError } = useInvitations();
  const [invitations, setInvitations] = useState<{ id: string }[]>([]);

  useEffect(() => {
    void refreshJwt(); // the provider keeps the token fresh from now on
    getInvitationsByScope('team', id).then(setInvitations, () => {}); // `getError` returns the failure
  }, [id, refreshJwt, getInvitationsByScope]);

  const revoke = async (invitationId: string) => {
    await revokeInvitation(invitationId);
    setInvitations(await getInvitationsByScope('team', id));
  };

  const failure = error ?? getError(`getByScope-team-${id}`);
  if (failure) return <p>{failure.code === 'UNAUTHENTICATED' ? 'Sign in first.' : failure.message}</p>;
  return (
    <ul title={user?.userEmail}>
      {invitations.map((one) => (
        <li key={one.id}>
          {one.id}
          <button type="button" disabled={isLoading(`revoke-${one.id}`)} onClick={() => revoke(one.id)}>
            Revoke
          </button>
        </li>
      ))}
    </ul>
  );
}
