import { useInvitations, useVortexAuth, VortexBackend, VortexProvider, VortexRequestError } from '@vortex/react';

const backend = new VortexBackend({ headers: { 'x-tenant': 'acme' } });

function Team({ id }: { id: string }) {
  const { user, error, refreshJwt } = useVortexAuth();
  const { revokeInvitation, isLoading } = useInvitations();
  if (error instanceof VortexRequestError) return <p>{error.code}</p>;
  return (
    <button
      type="button"
      title={user?.userEmail}
      disabled={isLoading(`revoke-${id}`)}
      onClick={() => revokeInvitation(id)}
    >
      {String(refreshJwt)}
    </button>
  );
}

export const App = () => (
  <VortexProvider config={{ client: backend }}>
    <Team id="harbor" />
  </VortexProvider>
);
