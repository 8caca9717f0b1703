'use client';

import { type Scope, useInvitationsOf, useInviteForm, useRevoke } from '@vortex/react/query';

/** The id of a saved configuration of your component at Vortex. The emulator accepts any text. */
const widgetConfigurationId = '3c9f2a54-6d0e-4b7c-9a61-0f5b8e2d7c10';

export function InviteForm({ team }: { team: Scope & { name: string } }) {
  const scopes = [{ type: team.type, scopeId: team.id, name: team.name }];
  const form = useInviteForm({ widgetConfigurationId, scopes });
  return (
    <form
      className="stack card"
      aria-label="Invite people"
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      <h2>Invite people</h2>
      <label htmlFor="to">Email addresses, as many as you like</label>
      <textarea id="to" rows={3} value={form.text} onChange={(event) => form.setText(event.target.value)} />
      {form.invalid.length > 0 && <p className="bad">Not an email address: {form.invalid.join(', ')}</p>}
      <button type="submit" className="primary" disabled={!form.canSubmit}>
        {form.status === 'sending' ? `${form.done} of ${form.results.length}` : 'Invite'}
      </button>
      <p role="status">{form.status === 'done' && `${form.done - form.failed.length} sent`}</p>
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

export function Pending({ team }: { team: Scope }) {
  const { invitations, error, hasMore, loadMore, isLoadingMore, refetch } = useInvitationsOf(team);
  const revoke = useRevoke();
  return (
    <section aria-labelledby="pending">
      <h2 id="pending">Pending invitations</h2>
      {revoke.error && <p role="alert">The invitation was not revoked: {revoke.error.message}</p>}
      {error && (
        <p role="alert">
          {error.message}{' '}
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
