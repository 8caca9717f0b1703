import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { VortexProvider } from '@vortex/react';
import { type Scope, useInvitationsOf, useInviteForm, useRevoke } from '@vortex/react/query';

const queries = new QueryClient();
const widgetConfigurationId = 'id of a saved configuration of your component at Vortex'; // a field of every invitation that the component made

export function App({ team }: { team: Scope & { name: string } }) {
  return (
    <VortexProvider>
      <QueryClientProvider client={queries}>
        <h1>Invite people to {team.name}</h1>
        <InviteForm key={team.id} team={team} />
        <Pending team={team} />
      </QueryClientProvider>
    </VortexProvider>
  );
}

function InviteForm({ team }: { team: Scope & { name: string } }) {
  const scopes = [{ type: team.type, scopeId: team.id, name: team.name }]; // `id` of a Scope is `scopeId` in a request
  const form = useInviteForm({ widgetConfigurationId, scopes });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      <label htmlFor="to">E-mail addresses, as many as you like</label>
      <textarea id="to" value={form.text} onChange={(event) => form.setText(event.target.value)} />
      {form.invalid.length > 0 && <p>Not an address: {form.invalid.join(', ')}</p>}
      <button type="submit" disabled={!form.canSubmit}>
        {form.status === 'sending' ? `${form.done} of ${form.results.length}` : 'Invite'}
      </button>
      <ul role="alert">
        {form.failed.map(({ address, error }) => (
          <li key={address}>
            {address}: {error.message}
          </li>
        ))}
      </ul>
    </form>
  );
}

function Pending({ team }: { team: Scope }) {
  const { invitations, error, hasMore, loadMore, isLoadingMore, refetch } = useInvitationsOf(team);
  const revoke = useRevoke();
  return (
    <section aria-label="Pending invitations">
      {revoke.error && <p role="alert">The invitation was not revoked: {revoke.error.message}</p>}
      {error && (
        <p role="alert">
          {error.code === 'UNAUTHENTICATED' ? 'Sign in first.' : error.message}{' '}
          <button type="button" onClick={refetch}>
            Try again
          </button>
        </p>
      )}
      {!invitations && !error && <p>Loading…</p>}
      {invitations?.length === 0 && <p>No pending invitations.</p>}
      <ul>
        {invitations?.map(({ id, target = [] }) => (
          <li key={id}>
            {target[0]?.value}{' '}
            <button type="button" onClick={() => revoke.mutate(id)} aria-label={`Revoke ${target[0]?.value}`}>
              Revoke
            </button>
          </li>
        ))}
      </ul>
      {hasMore && (
        <button type="button" disabled={isLoadingMore} onClick={loadMore}>
          Show more
        </button>
      )}
    </section>
  );
}
