import type { Invitation } from '@vortex/react';
import { useInvitationsOf, useReinvite, useRevoke } from '@vortex/react/query';
import { useDeferredValue, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Team } from '../api.js';
import { type Loaded, loadedOf } from '../load.js';
import { ActionButton } from '../parts/button.js';
import { Dialog } from '../parts/dialog.js';
import { MailIcon } from '../parts/icons.js';
import { InviteAgain } from '../parts/invite-again.js';
import { Empty, LoadFailure } from '../parts/notice.js';
import { Card, SkeletonRows } from '../parts/rows.js';
import { expiryText, shortTime } from '../parts/time.js';
import { useFailureToast, useToast } from '../parts/toasts.js';
import { addressOf, isPersonal, roleOf, scopeOf } from '../vortex.js';

/** Invitations that are loaded at first, and with each press of "Load more". */
const BATCH = 500;

/** Rows that are shown at first, and with each press of "Show more". */
const ROWS = 20;

export interface Pending extends Omit<Loaded<Invitation[]>, 'reload'> {
  reload(): void;
  /** Whether the team has more than were loaded. */
  hasMore: boolean;
  loadMore(): void;
}

/**
 * Loads the pending invitations of a team, newest first. Vortex lists the oldest first, 20 at a time, and cannot search: the page
 * does both itself, so it loads all of them up to a limit.
 */
export function usePending(team: Team): Pending {
  const list = useInvitationsOf(scopeOf(team));
  const [atMost, setAtMost] = useState(BATCH);
  const { data, failure } = loadedOf(list.invitations, list.error);
  const isComplete = data !== undefined && (!list.hasMore || data.length >= atMost);
  const [wasComplete, setComplete] = useState(false);
  if (isComplete && !wasComplete) setComplete(true);

  const { hasMore, isFetching, loadMore } = list;
  const isNextDue = hasMore && !isComplete && !isFetching && !failure;
  useEffect(() => {
    if (isNextDue) loadMore();
  }, [isNextDue, loadMore]);

  return {
    // The first pages alone would be shown in the wrong order.
    data: isComplete || wasComplete || failure ? data?.filter(isPersonal).reverse() : undefined,
    failure,
    hasMore,
    reload: list.refetch,
    loadMore: () => setAtMost((before) => before + BATCH),
  };
}

export function PendingInvitations({
  team,
  pending,
  onInvite,
}: {
  team: Team;
  pending: Pending;
  onInvite: () => void;
}) {
  const { data, failure, hasMore, reload, loadMore } = pending;
  const [revoking, setRevoking] = useState<Invitation>();
  const [search, setSearch] = useState('');
  const [rows, setRows] = useState(ROWS);
  const words = useDeferredValue(search.trim().toLowerCase());
  const all = data ?? [];
  const found = all.filter((each) => `${addressOf(each)} ${each.creatorName ?? ''}`.toLowerCase().includes(words));
  const hidden = found.length - Math.min(rows, found.length);
  return (
    <Card title="Pending invitations" id="pending" count={data && (hasMore ? `${all.length}+` : String(all.length))}>
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
            <PendingRow key={invitation.id} invitation={invitation} onRevoke={() => setRevoking(invitation)} />
          ))}
        </ul>
      )}
      {hidden > 0 && (
        <button type="button" onClick={() => setRows((before) => before + ROWS)}>
          Show more ({hidden} left)
        </button>
      )}
      {data && hasMore && hidden === 0 && (
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
      {revoking && <RevokeDialog team={team} invitation={revoking} onClose={() => setRevoking(undefined)} />}
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

function PendingRow({ invitation, onRevoke }: { invitation: Invitation; onRevoke: () => void }) {
  const { mutateAsync: reinvite } = useReinvite();
  const say = useToast();
  const sayFailure = useFailureToast();
  const address = addressOf(invitation);
  const { id, status, creatorName, createdAt, expires, deliveryCount = 1 } = invitation;
  const [isCooling, coolDown] = useCoolDown(id);
  const resend = async () => {
    if (isCooling) return;
    try {
      await reinvite(id);
      coolDown();
      say(`Invitation resent to ${address}.`);
    } catch (error) {
      sayFailure(error);
    }
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
            roleOf(invitation) === 'admin' && 'as an admin',
            status === 'bounced' && 'could not be delivered',
            creatorName && `by ${creatorName}`,
            createdAt && shortTime(createdAt),
            deliveryCount > 1 && `sent ${deliveryCount} times`,
            isCooling && 'resent just now',
            expires && expiryText(expires),
          ]
            .filter(Boolean)
            .join('\u00a0· ')}
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

function RevokeDialog({ team, invitation, onClose }: { team: Team; invitation: Invitation; onClose: () => void }) {
  const { mutateAsync } = useRevoke();
  const say = useToast();
  const sayFailure = useFailureToast();
  const address = addressOf(invitation);
  const revoke = async () => {
    try {
      await mutateAsync(invitation.id);
    } catch (error) {
      // The dialog stays open, so that one can try again.
      sayFailure(error);
      return;
    }
    const isByMail = invitation.target?.length === 1 && invitation.target[0]?.type === 'email';
    const again = <InviteAgain team={team} role={roleOf(invitation)} email={address} />;
    say(`Invitation for ${address} revoked.`, 'good', isByMail && again);
    flushSync(onClose);
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
