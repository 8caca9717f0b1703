import { useVortexAuth, VortexProvider } from '@vortex/react';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';

function Who() {
  const { user, refreshJwt } = useVortexAuth();
  useEffect(() => void refreshJwt(), [refreshJwt]);
  return <output>{user ? user.userId : 'signed out'}</output>;
}

createRoot(document.getElementById('root')).render(
  <VortexProvider>
    <Who />
  </VortexProvider>,
);
