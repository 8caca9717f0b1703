import type { Invitation, InvitationState, VortexRequestError } from '@vortex/react';
import { useAccept, useInvitationLink, useRevoke } from '@vortex/react/query';
import { useEffect, useEffectEvent, useState } from 'react';
import type { Team, User } from '../api.js';
import { failureOf } from '../failure.js';
import { TeamBadge } from '../parts/avatar.js';
import { ActionButton } from '../parts/button.js';
import { FailureNotice, FailureText, Notice } from '../parts/notice.js';
import { expiryText } from '../parts/time.js';
import { useTitle } from '../parts/title.js';
import { useToast } from '../parts/toasts.js';
import { Link, navigate, useLocation } from '../router.js';
import { teamPath, useSession, useSignOut } from '../session.js';
import { inviteeOf, roleOf, teamOf } from '../vortex.js';

export const INCOMPLETE = { title: 'This link is incomplete', text: 'Open the link in your email again.' };
export const NOT_FOUND = {
  title: 'Invitation not found',
  text: 'The link may be incomplete. Open the link in your email again.',
};

/** The page that the link in an invitation opens. */
export function InvitationPage() {
  const invitationId = useLocation().searchParams.get('invitationId');
  if (invitationId) return <Invited key={invitationId} invitationId={invitationId} />;
  return <Closed {...INCOMPLETE} />;
}

function Invited({ invitationId }: { invitationId: string }) {
  const { user, teams, reload } = useSession();
  const link = useInvitationLink(invitationId);
  // Here and not in `Open`, which disappears when the invitation closes.
  const accept = useAccept();
  useTitle('Your invitation');

  const invitation = 'invitation' in link ? link.invitation : undefined;
  const team = invitation && teamOf(invitation);
  const joined = teams.find(({ id }) => id === team?.id);
  const isAccepted = accept.isSuccess;
  if (joined && (isAccepted || (link.status === 'closed' && link.reason === 'accepted'))) {
    return <Joined team={joined} isNew={isAccepted} />;
  }
  if (isAccepted) return <Joining team={team} inviter={invitation?.creatorName} onLook={reload} />;
  if (link.status === 'loading') {
    return <section className="card notice skeleton" aria-busy="true" aria-label="Loading" />;
  }
  if (link.status === 'failed') return <FailureNotice failure={failureOf(link.error)} onRetry={link.retry} />;
  if (link.status === 'signed-out') return <FailureNotice failure={SIGNED_OUT} onRetry={reload} />;
  if (link.status === 'open') {
    return (
      <Open
        invitation={link.invitation}
        user={user}
        refusal={accept.error}
        onAccept={() => accept.mutateAsync(invitationId)}
      />
    );
  }
  if (link.reason === 'not-yours') return <ForAnother user={user} />;
  return <Closed {...((link.invitation && whyClosed(link.reason, link.invitation.creatorName)) ?? NOT_FOUND)} />;
}

/** Says why there is nothing to accept. */
function Closed({ title, text }: { title: string; text: string }) {
  return (
    <Notice title={title}>
      <p>{text}</p>
      <div className="actions">
        <Link className="button" href="/invitations">
          Your invitations
        </Link>
      </div>
    </Notice>
  );
}

const SIGNED_OUT = failureOf({ message: 'Sign in to continue.', code: 'UNAUTHENTICATED', status: 401 });

function Open({
  invitation,
  user,
  refusal,
  onAccept,
}: {
  invitation: Invitation;
  user: User;
  /** Why the invitation could not be accepted. */
  refusal: VortexRequestError | null;
  onAccept: () => Promise<unknown>;
}) {
  const decline = useRevoke();
  const say = useToast();
  const name = teamOf(invitation)?.name ?? 'Roster';
  const error = decline.error ?? refusal;
  // A refusal is shown below, and the invitation is loaded again, since it may have been revoked.
  const accept = () => onAccept().catch(() => {});
  const leave = async () => {
    try {
      await decline.mutateAsync(invitation.id);
    } catch {
      return;
    }
    say(`You declined the invitation to ${name}.`);
    navigate('/invitations', { replace: true });
  };
  return (
    <Notice title={`Join ${name}`} figure={<TeamBadge name={name} large />}>
      <p>
        <strong>{invitation.creatorName ?? 'A team admin'}</strong> invited {inviteeOf(invitation, user)}
        {roleOf(invitation) === 'admin' && ' as an admin'}. You are signed in as {user.email}.
      </p>
      {invitation.expires && <p className="quiet small">This invitation {expiryText(invitation.expires)}.</p>}
      {error && <FailureText failure={failureOf(error)} />}
      <div className="actions">
        <ActionButton className="primary" onPress={accept}>
          Accept
        </ActionButton>
        <ActionButton onPress={leave}>Decline</ActionButton>
        <Link className="button plain" href="/">
          Not now
        </Link>
      </div>
    </Notice>
  );
}

const LOOK_EVERY_MS = 3000;

/** A member is usually added within a second. After this many looks, the page says what to do. */
const LOOKS = 5;

/**
 * Waits for the membership, which a webhook adds. Loads the session a few times, in case an event was missed. The webhook adds no
 * member if, for instance, the inviter is no longer an admin.
 */
function Joining({
  team,
  inviter,
  onLook,
}: {
  team: Team | undefined;
  inviter: string | null | undefined;
  onLook: () => Promise<unknown>;
}) {
  const [looks, setLooks] = useState(0);
  const look = useEffectEvent(onLook);
  useEffect(() => {
    if (looks === LOOKS) return;
    const timer = setTimeout(async () => {
      await look();
      setLooks(looks + 1);
    }, LOOK_EVERY_MS);
    return () => clearTimeout(timer);
  }, [looks]);
  const name = team?.name ?? 'the team';
  const isLate = looks === LOOKS;
  return (
    <Notice title="Invitation accepted" figure={<TeamBadge name={team?.name ?? 'R'} large />}>
      <p role="status">
        {isLate
          ? `You’re not on ${name} yet. If that doesn’t change in a few minutes, ask ${inviter ?? 'a team admin'} for a new invitation.`
          : `Adding you to ${name}…`}
      </p>
      {isLate ? (
        <div className="actions">
          <button type="button" className="primary" onClick={() => setLooks(0)}>
            Check again
          </button>
          <Link className="button" href="/">
            Home page
          </Link>
        </div>
      ) : (
        <progress aria-label="Joining" />
      )}
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

function ForAnother({ user }: { user: User }) {
  const signOut = useSignOut();
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
