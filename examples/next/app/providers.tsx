'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { VortexProvider } from '@vortex/react';
import { type ReactNode, useState } from 'react';

/** Give it a `key` of the user: another user must not see the data of the last one. */
export function Providers({ children }: { children: ReactNode }) {
  // What the server has prefetched is fresh for a few seconds, so the browser does not load it once more.
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { staleTime: 10_000 } } }));
  return (
    <VortexProvider>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </VortexProvider>
  );
}
