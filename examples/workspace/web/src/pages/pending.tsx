import type { Invitation } from '@vortex/react';
import { useDeferredValue, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Team } from '../api.js';
import { type Loaded, useLoad } from '../load.js';
import { ActionButton } from '../parts/button.js';
import { Dialog } from '../parts/dialog.js';
import { MailIcon } from '../parts/icons.js';
import { Empty, LoadFailure } from '../parts/notice.js';
import { Card, SkeletonRows } from '../parts/rows.js';
import { expiryText, shortTime } from '../parts/time.js';
import { useFailureToast, useToast } from '../parts/toasts.js';
import { addressOf, type Pending, useTeamInvitations } from '../vortex.js';

/** Invitations that are loaded at first, and with each press of "Load more". */
const BATCH = 500;

/** Rows that are shown at first, and with each press of "Show more". */
const ROWS = 20;

export interface LoadedPending extends Loaded<Pending> {
  loadMore(): void;
}

/** Loads the pending invitations of a team. Sends no request for users who are not admins, since the server would refuse it. */
export function usePending(team: Team, isAdmin: boolean): LoadedPending {
  const vortex = useTeamInvitations();
  const [atMost, setAtMost] = useState(BATCH);
  const loaded = useLoad(
    isAdmin ? `pending ${team.id}` : '',
    async (): Promise<Pending> => (isAdmin ? vortex.pending(team, atMost) : { invitations: [], hasMore: false }),
  );
  const loadMore = () => {
    flushSync(() => setAtMost((before) => before + BATCH));
    loaded.reload();
  };
  return { ...loaded, loadMore };
}

export function PendingInvitations({
  team,
  pending,
  onInvite,
}: {
  team: Team;
  pending: LoadedPending;
  onInvite: () => void;
}) {
  const { data, failure, reload, loadMore } = pending;
  const [revoking, setRevoking] = useState<Invitation>();
  const [search, setSearch] = useState('');
  const [rows, setRows] = useState(ROWS);
  const words = useDeferredValue(search.trim().toLowerCase());
  const all = data?.invitations ?? [];
  const found = all.filter((each) => `${addressOf(each)} ${each.creatorName ?? ''}`.toLowerCase().includes(words));
  const hidden = found.length - Math.min(rows, found.length);
  return (
    <Card
      title="Pending invitations"
      id="pending"
      count={data && (data.hasMore ? `${all.length}+` : String(all.length))}
    >
      {data && all.length === 0 && (
        <Empty title="No pending invitations" icon={<MailIcon />}>
          <p>People you invite to {team.name} appear here until they accept.</p>
          <button type="button" onClick={onInvite}>
            Invite someone
          </button>
        </Empty>
      )}
      {(all.length > ROWS / 2 || search !== '') && (
        <div className="stack">
          <label htmlFor="find">Find an invitation</label>
          <input
            id="find"
            type="search"
            value={search}
            onChange={(event) => {
              setSearch(event.target.value);
              setRows(ROWS);
            }}
            placeholder="Email address or inviter"
            autoComplete="off"
            spellCheck={false}
          />
          <p className="unseen" role="status">
            {words && `${found.length} found`}
          </p>
        </div>
      )}
      {all.length > 0 && found.length === 0 && (
        <p className="quiet">No pending invitation matches “{search.trim()}”.</p>
      )}
      {found.length > 0 && (
        <ul className="rows" aria-labelledby="pending">
          {found.slice(0, rows).map((invitation) => (
            <PendingRow
              key={invitation.id}
              invitation={invitation}
              onRevoke={() => setRevoking(invitation)}
              reload={reload}
            />
          ))}
        </ul>
      )}
      {hidden > 0 && (
        <button type="button" onClick={() => setRows((before) => before + ROWS)}>
          Show more ({hidden} left)
        </button>
      )}
      {data?.hasMore && hidden === 0 && (
        <div className="stack">
          <p className="quiet small">
            Only the {all.length} oldest invitations are loaded{words && ', and only these were searched'}.
          </p>
          <button type="button" onClick={loadMore}>
            Load more
          </button>
        </div>
      )}
      {!data && !failure && <SkeletonRows count={3} />}
      {failure && <LoadFailure failure={failure} onRetry={reload} />}
      {revoking && (
        <RevokeDialog team={team} invitation={revoking} onClose={() => setRevoking(undefined)} onRevoked={reload} />
      )}
    </Card>
  );
}

/** Each message costs the reader attention, so the next one waits. */
const RESEND_AFTER_MS = 60_000;
const resentAt = new Map<string, number>();

/** Returns whether an invitation was sent again within the last minute, and a function that says so. */
function useCoolDown(invitationId: string): [isCooling: boolean, begin: () => void] {
  const left = (resentAt.get(invitationId) ?? 0) + RESEND_AFTER_MS - Date.now();
  const [isCooling, setCooling] = useState(left > 0);
  useEffect(() => {
    if (!isCooling) return;
    const until = (resentAt.get(invitationId) ?? 0) + RESEND_AFTER_MS;
    const timer = setTimeout(() => setCooling(false), until - Date.now());
    return () => clearTimeout(timer);
  }, [isCooling, invitationId]);
  const begin = () => {
    resentAt.set(invitationId, Date.now());
    setCooling(true);
  };
  return [isCooling, begin];
}

function PendingRow({
  invitation,
  onRevoke,
  reload,
}: {
  invitation: Invitation;
  onRevoke: () => void;
  reload: () => void;
}) {
  const vortex = useTeamInvitations();
  const say = useToast();
  const sayFailure = useFailureToast();
  const address = addressOf(invitation);
  const { id, status, creatorName, createdAt, expires, deliveryCount = 1 } = invitation;
  const [isCooling, coolDown] = useCoolDown(id);
  const resend = async () => {
    if (isCooling) return;
    try {
      await vortex.resend(id);
      coolDown();
      say(`Invitation resent to ${address}.`);
    } catch (error) {
      sayFailure(error);
    }
    reload();
  };
  return (
    <li className="row" aria-label={address}>
      <span className="avatar" aria-hidden="true">
        <MailIcon />
      </span>
      <span className="who">
        <span className="name">{address}</span>
        <span className="quiet">
          {[
            status === 'bounced' && 'could not be delivered',
            creatorName && `by ${creatorName}`,
            createdAt && shortTime(createdAt),
            deliveryCount > 1 && `sent ${deliveryCount} times`,
            isCooling && 'resent just now',
            expires && expiryText(expires),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span className="actions">
        <ActionButton
          onPress={resend}
          aria-label={`Resend to ${address}`}
          isOff={isCooling}
          title={isCooling ? 'You can resend it one minute after the last time.' : undefined}
        >
          Resend
        </ActionButton>
        <button type="button" className="danger" onClick={onRevoke} aria-label={`Revoke invitation for ${address}`}>
          Revoke
        </button>
      </span>
    </li>
  );
}

/** Undoes a revoke. Vortex cannot open an invitation again, so this sends a new one. */
function InviteAgain({ team, email }: { team: Team; email: string }) {
  const vortex = useTeamInvitations();
  const say = useToast();
  const sayFailure = useFailureToast();
  const invite = () => vortex.invite(team, email).then(() => say(`New invitation sent to ${email}.`), sayFailure);
  return (
    <ActionButton className="plain" onPress={invite}>
      Invite again
    </ActionButton>
  );
}

function RevokeDialog({
  team,
  invitation,
  onClose,
  onRevoked,
}: {
  team: Team;
  invitation: Invitation;
  onClose: () => void;
  onRevoked: () => void;
}) {
  const vortex = useTeamInvitations();
  const say = useToast();
  const sayFailure = useFailureToast();
  const address = addressOf(invitation);
  const revoke = async () => {
    try {
      await vortex.revoke(invitation.id);
    } catch (error) {
      // The dialog stays open, so that one can try again.
      sayFailure(error);
      onRevoked();
      return;
    }
    const isByMail = invitation.target?.length === 1 && invitation.target[0]?.type === 'email';
    say(`Invitation for ${address} revoked.`, 'good', isByMail && <InviteAgain team={team} email={address} />);
    flushSync(onClose);
    onRevoked();
    // The button that opened the dialog is removed with its row, so the heading takes the focus.
    document.getElementById('pending')?.focus({ preventScroll: true });
  };
  return (
    <Dialog title="Revoke this invitation?" onClose={onClose}>
      <p>
        The link sent to <strong>{address}</strong> will stop working right away. You can invite them again at any time.
      </p>
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          Keep invitation
        </button>
        <ActionButton className="primary danger" onPress={revoke}>
          Revoke
        </ActionButton>
      </div>
    </Dialog>
  );
}
