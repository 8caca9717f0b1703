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

/** Loads the pending invitations of a team. Sends no request for users who are not admins, since the server would refuse it. */
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
    <Card title="Pending invitations" id="pending" count={data?.length}>
      {data?.length === 0 && (
        <Empty title="No pending invitations" icon={<MailIcon />}>
          <p>People you invite to {team.name} appear here until they accept.</p>
          <button type="button" onClick={onInvite}>
            Invite someone
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
            status && status !== 'delivered' && status,
            creatorName && `by ${creatorName}`,
            createdAt && shortTime(createdAt),
            deliveryCount > 1 && `sent ${deliveryCount} times`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span className="actions">
        <ActionButton onPress={resend} aria-label={`Resend to ${address}`}>
          Resend
        </ActionButton>
        <button type="button" className="danger" onClick={onRevoke} aria-label={`Revoke invitation for ${address}`}>
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
      say(`Invitation for ${address} revoked.`);
    } catch (error) {
      sayFailure(error);
    }
    flushSync(onClose);
    onRevoked();
    // The button that opened the dialog is removed with its row, so the heading takes the focus.
    document.getElementById('pending')?.focus();
  };
  return (
    <Dialog title="Revoke this invitation?" onClose={onClose}>
      <p>
        The link sent to <strong>{address}</strong> will stop working immediately. You can invite them again at any
        time.
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
