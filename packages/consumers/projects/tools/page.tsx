/** A page, and every subpath that one imports. */
import { type BrowserClient, parseAddresses } from '@vortex/browser';
import { createTestClient } from '@vortex/browser/testing';
import { decodeToken } from '@vortex/browser/token';
import { useVortexAuth, VortexProvider } from '@vortex/react';
import { useInvite } from '@vortex/react/query';

const client: BrowserClient = createTestClient();

function Team({ id }: { id: string }) {
  const { jwt, user, refreshJwt } = useVortexAuth();
  const { invite, done } = useInvite();
  return (
    <button
      type="button"
      title={user?.userEmail ?? String(decodeToken(jwt ?? '')?.claims.sub)}
      onClick={async () => {
        await refreshJwt({ scope: id, scopeType: 'team' });
        await invite({ widgetConfigurationId: 'any', to: parseAddresses('grace@example.com').valid });
      }}
    >
      {done}
    </button>
  );
}

export const App = () => (
  <VortexProvider config={{ client, onError: ({ code }) => reportError(code) }}>
    <Team id="harbor" />
  </VortexProvider>
);
