import { type Invitation, type InvitationState, invitationState } from '@vortex/react';
import { useEffect, useState } from 'react';
import type { Team, User } from '../api.js';
import { type Failure, failureOf } from '../failure.js';
import { useLiveEvents } from '../live.js';
import { useLoad } from '../load.js';
import { TeamBadge } from '../parts/avatar.js';
import { ActionButton } from '../parts/button.js';
import { FailureNotice, FailureText, Notice } from '../parts/notice.js';
import { expiryText } from '../parts/time.js';
import { useTitle } from '../parts/title.js';
import { useToast } from '../parts/toasts.js';
import { Link, navigate, useLocation } from '../router.js';
import { teamPath, useSession, useSignOut } from '../session.js';
import { teamOf, useTeamInvitations } from '../vortex.js';

/** The page that the link in an invitation opens. */
export function InvitationPage() {
  const invitationId = useLocation().searchParams.get('invitationId');
  if (invitationId) return <Invited key={invitationId} invitationId={invitationId} />;
  return (
    <Notice title="This link is incomplete">
      <p>Open the link in your email again.</p>
    </Notice>
  );
}

function Invited({ invitationId }: { invitationId: string }) {
  const { user, teams, reload: reloadSession } = useSession();
  const vortex = useTeamInvitations();
  const { data, failure, reload } = useLoad(`invitation ${invitationId}`, () => vortex.invitation(invitationId));
  const [isAccepted, setAccepted] = useState(false);
  useTitle('Your invitation');
  useLiveEvents((event) => {
    if (event.about === 'everything' || (event.about === 'invitation' && event.invitationId === invitationId)) reload();
  });

  const team = data && teamOf(data);
  const joined = teams.find(({ id }) => id === team?.id);
  if (failure && !data) return <NotShown failure={failure} user={user} onRetry={reload} />;
  if (!data) return <section className="card notice skeleton" aria-busy="true" aria-label="Loading" />;
  if (joined && (isAccepted || data.status === 'accepted')) return <Joined team={joined} isNew={isAccepted} />;
  if (isAccepted) return <Joining team={team} onLook={reloadSession} />;

  const closed = whyClosed(invitationState(data), data.creatorName);
  if (closed) {
    return (
      <Notice title={closed.title}>
        <p>{closed.text}</p>
        <div className="actions">
          <Link className="button" href="/invitations">
            Your invitations
          </Link>
        </div>
      </Notice>
    );
  }
  return <Open invitation={data} user={user} onAccepted={() => setAccepted(true)} onRefused={reload} />;
}

function Open({
  invitation,
  user,
  onAccepted,
  onRefused,
}: {
  invitation: Invitation;
  user: User;
  onAccepted: () => void;
  onRefused: () => void;
}) {
  const vortex = useTeamInvitations();
  const say = useToast();
  const [refusal, setRefusal] = useState<Failure>();
  const name = teamOf(invitation)?.name ?? 'Roster';
  const accept = async () => {
    setRefusal(undefined);
    try {
      await vortex.accept(invitation.id);
      onAccepted();
    } catch (error) {
      setRefusal(failureOf(error));
      // The invitation may have been revoked. Loading it again shows that.
      onRefused();
    }
  };
  const decline = async () => {
    setRefusal(undefined);
    try {
      await vortex.decline(invitation.id);
      say(`You declined the invitation to ${name}.`);
      navigate('/invitations', { replace: true });
    } catch (error) {
      setRefusal(failureOf(error));
      onRefused();
    }
  };
  return (
    <Notice title={`Join ${name}`} figure={<TeamBadge name={name} large />}>
      <p>
        <strong>{invitation.creatorName ?? 'A team admin'}</strong> invited you. You are signed in as {user.email}.
      </p>
      {invitation.expires && <p className="quiet small">This invitation {expiryText(invitation.expires)}.</p>}
      {refusal && <FailureText failure={refusal} />}
      <div className="actions">
        <ActionButton className="primary" onPress={accept}>
          Accept
        </ActionButton>
        <ActionButton onPress={decline}>Decline</ActionButton>
        <Link className="button plain" href="/">
          Not now
        </Link>
      </div>
    </Notice>
  );
}

const LOOK_EVERY_MS = 3000;

/** Waits for the membership, which a webhook adds. Loads the session every three seconds, in case an event was missed. */
function Joining({ team, onLook }: { team: Team | undefined; onLook: () => void }) {
  useEffect(() => {
    const timer = setInterval(onLook, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [onLook]);
  return (
    <Notice title="Invitation accepted" figure={<TeamBadge name={team?.name ?? 'R'} large />}>
      <p role="status">Adding you to {team?.name ?? 'the team'}…</p>
      <progress aria-label="Joining" />
    </Notice>
  );
}

function Joined({ team, isNew }: { team: Team; isNew: boolean }) {
  const say = useToast();
  useEffect(() => {
    if (!isNew) return;
    say(`Welcome to ${team.name}.`);
    navigate(teamPath(team), { replace: true });
  }, [isNew, team, say]);
  return (
    <Notice title={`You’re a member of ${team.name}`} figure={<TeamBadge name={team.name} large />}>
      <p>This invitation was accepted.</p>
      <div className="actions">
        <Link className="button primary" href={teamPath(team)}>
          Go to {team.name}
        </Link>
      </div>
    </Notice>
  );
}

/** Says why an invitation can no longer be accepted. Returns undefined if it is open. */
export function whyClosed(state: InvitationState, inviter: string | null | undefined) {
  const again = `Ask ${inviter ?? 'a team admin'} for a new one.`;
  const reasons = {
    open: undefined,
    revoked: { title: 'This invitation is no longer valid', text: `It was withdrawn or declined. ${again}` },
    expired: { title: 'This invitation has expired', text: again },
    accepted: {
      title: 'This invitation was already accepted',
      text: 'Each invitation works once. If you just accepted it, you will be added to the team in a moment.',
    },
  };
  return reasons[state];
}

function NotShown({ failure, user, onRetry }: { failure: Failure; user: User; onRetry: () => void }) {
  const signOut = useSignOut();
  if (failure.status === 404) {
    return (
      <Notice title="Invitation not found">
        <p>The link may be incomplete. Open the link in your email again.</p>
      </Notice>
    );
  }
  if (failure.status !== 403) return <FailureNotice failure={failure} onRetry={onRetry} />;
  return (
    <Notice title="This invitation is for another address">
      <p>
        You are signed in as <strong>{user.email}</strong>, but this invitation was sent to a different address. Sign in
        with that address to accept it.
      </p>
      <div className="actions">
        <ActionButton className="primary" onPress={signOut}>
          Sign in with another address
        </ActionButton>
        <Link className="button" href="/">
          Home page
        </Link>
      </div>
    </Notice>
  );
}
