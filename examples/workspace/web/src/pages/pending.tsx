import type { Invitation } from '@vortex/core';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import type { Team } from '../api.js';
import { type Loaded, useLoad } from '../load.js';
import { ActionButton } from '../parts/button.js';
import { Dialog } from '../parts/dialog.js';
import { MailIcon } from '../parts/icons.js';
import { Empty, LoadFailure } from '../parts/notice.js';
import { Card, SkeletonRows } from '../parts/rows.js';
import { shortTime } from '../parts/time.js';
import { useFailureToast, useToast } from '../parts/toasts.js';
import { addressOf, useTeamInvitations } from '../vortex.js';

/** For admins alone: others are refused, and need not ask. */
export function usePending(team: Team, isAdmin: boolean): Loaded<Invitation[]> {
  const vortex = useTeamInvitations();
  return useLoad(isAdmin ? `pending ${team.id}` : '', async () => (isAdmin ? vortex.pending(team) : []));
}

export function PendingInvitations({
  team,
  pending,
  onInvite,
}: {
  team: Team;
  pending: Loaded<Invitation[]>;
  onInvite: () => void;
}) {
  const { data, failure, reload } = pending;
  const [revoking, setRevoking] = useState<Invitation>();
  return (
    <Card title="Invited" id="pending" count={data?.length}>
      {data?.length === 0 && (
        <Empty title="Nobody is waiting" icon={<MailIcon />}>
          <p>Whoever you invite to {team.name} is listed here until they accept.</p>
          <button type="button" onClick={onInvite}>
            Invite somebody
          </button>
        </Empty>
      )}
      {data && data.length > 0 && (
        <ul className="rows" aria-labelledby="pending">
          {data.map((invitation) => (
            <PendingRow
              key={invitation.id}
              invitation={invitation}
              onRevoke={() => setRevoking(invitation)}
              reload={reload}
            />
          ))}
        </ul>
      )}
      {!data && !failure && <SkeletonRows count={3} />}
      {failure && <LoadFailure failure={failure} onRetry={reload} />}
      {revoking && <RevokeDialog invitation={revoking} onClose={() => setRevoking(undefined)} onRevoked={reload} />}
    </Card>
  );
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
  const { id, status, creatorName, createdAt, deliveryCount = 1 } = invitation;
  const resend = async () => {
    try {
      await vortex.resend(id);
      say(`Sent to ${address} once more.`);
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
            status && status !== 'delivered' && status,
            creatorName && `from ${creatorName}`,
            createdAt && shortTime(createdAt),
            deliveryCount > 1 && `sent ${deliveryCount} times`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span className="actions">
        <ActionButton onPress={resend} aria-label={`Re-send to ${address}`}>
          Re-send
        </ActionButton>
        <button type="button" className="danger" onClick={onRevoke} aria-label={`Revoke ${address}`}>
          Revoke
        </button>
      </span>
    </li>
  );
}

function RevokeDialog({
  invitation,
  onClose,
  onRevoked,
}: {
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
      say(`The invitation of ${address} is revoked.`);
    } catch (error) {
      sayFailure(error);
    }
    flushSync(onClose);
    onRevoked();
    // The button that opened this goes with its row.
    document.getElementById('pending')?.focus();
  };
  return (
    <Dialog title="Revoke this invitation?" onClose={onClose}>
      <p>
        The link that was sent to <strong>{address}</strong> stops working at once. You can invite them again at any
        time.
      </p>
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          Keep it
        </button>
        <ActionButton className="primary danger" onPress={revoke}>
          Revoke
        </ActionButton>
      </div>
    </Dialog>
  );
}
