import { type DehydratedState, dehydrate, QueryClient } from '@tanstack/react-query';
import { createBrowserClient } from '@vortex/react';
import { type Scope, vortexQueries } from '@vortex/react/query';
import { cookies } from 'next/headers';
import { GET } from './api/vortex/[...path]/route';

/** Loads the pending invitations on the server, so that the page shows them at once. If this fails, the browser loads them. */
export async function prefetchInvitations(scope: Scope): Promise<DehydratedState> {
  const client = createBrowserClient({
    baseUrl: 'http://localhost/api/vortex',
    headers: { cookie: (await cookies()).toString() },
    // The route is called in this process, with its rules. No request is sent.
    fetch: async (url, init) => GET(new Request(url, init)),
  });
  const queries = new QueryClient();
  await queries.prefetchInfiniteQuery({ ...vortexQueries(client).invitationsOf(scope), retry: false });
  return dehydrate(queries);
}
