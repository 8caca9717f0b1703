import { type ReactNode, useState } from 'react';
import { flushSync } from 'react-dom';
import { api, type Role, type Team, type TeamPage as TeamData, type User } from '../api.js';
import { useLiveEvents } from '../live.js';
import { type Loaded, useLoad } from '../load.js';
import { Avatar, TeamBadge } from '../parts/avatar.js';
import { ActionButton } from '../parts/button.js';
import { Dialog } from '../parts/dialog.js';
import { LockIcon, PlusIcon } from '../parts/icons.js';
import { InviteAgain } from '../parts/invite-again.js';
import { Empty, FailureNotice, FailureText } from '../parts/notice.js';
import { Card, SkeletonRows } from '../parts/rows.js';
import { useTitle } from '../parts/title.js';
import { useFailureToast, useToast } from '../parts/toasts.js';
import { Link, useLocation } from '../router.js';
import { teamPath, useSession } from '../session.js';
import { InviteDialog } from './invite-dialog.js';
import { PendingInvitations, usePending } from './pending.js';

/** Shows the members of a team and, for its admins, the pending invitations. */
export function TeamPage({ teamId }: { teamId: string }) {
  const { teams } = useSession();
  const team = useLoad(`team ${teamId}`, () => api.team(teamId));
  const membership = teams.find(({ id }) => id === teamId);
  if (team.failure && !team.data) return <FailureNotice failure={team.failure} onRetry={team.reload} />;
  return (
    <Members
      team={{ id: teamId, name: membership?.name ?? team.data?.name ?? '' }}
      role={membership?.role}
      loaded={team}
    />
  );
}

function Members({ team, role, loaded }: { team: Team; role: Role | undefined; loaded: Loaded<TeamData> }) {
  const { user } = useSession();
  const say = useToast();
  const [newest, setNewest] = useState<string>();
  const [isInviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<Member>();
  const isAdmin = role === 'admin';
  const { data, reload } = loaded;

  useLiveEvents((event) => {
    if (event.about !== 'team' || event.teamId !== team.id) return;
    if (!event.joined || event.joined.userId === user.id) return;
    setNewest(event.joined.userId);
    say(`${event.joined.name} joined ${team.name}.`);
  });

  const admins = data?.members.filter((member) => member.role === 'admin') ?? [];
  return (
    <>
      <TeamHead
        team={team}
        role={role}
        action={
          isAdmin && (
            <button type="button" className="primary" onClick={() => setInviting(true)}>
              <PlusIcon /> Invite people
            </button>
          )
        }
      />
      <div className="columns">
        <Card title="Members" id="members" count={data?.members.length}>
          {data ? (
            <ul className="rows" aria-labelledby="members">
              {data.members.map(({ id, name, email, role }) => (
                <li key={id} className={id === newest ? 'row newest' : 'row'}>
                  <Avatar id={id} name={name} />
                  <span className="who">
                    <span className="name">
                      {name} {id === user.id && <span className="quiet">(you)</span>}
                    </span>
                    <span className="quiet">{email}</span>
                  </span>
                  {role === 'admin' && <span className="tag">Admin</span>}
                  {isAdmin && id !== user.id && (
                    <button
                      type="button"
                      className="plain"
                      aria-label={`Remove ${name}`}
                      onClick={() => setRemoving({ id, name, email, role })}
                    >
                      Remove
                    </button>
                  )}
                </li>
              ))}
            </ul>
          ) : (
            <SkeletonRows count={2} />
          )}
          {data && loaded.failure && <FailureText failure={loaded.failure} />}
        </Card>
        {isAdmin ? (
          <Inviting team={team} members={data?.members ?? []} isInviting={isInviting} onInviting={setInviting} />
        ) : (
          <Card title="Invitations" id="pending">
            <Empty title={`Only admins of ${team.name} can invite people`} icon={<LockIcon />}>
              <p>
                Admins also see the pending invitations. To invite someone, ask{' '}
                {admins.map(({ name }) => name).join(' or ') || 'an admin'}.
              </p>
            </Empty>
          </Card>
        )}
      </div>
      {removing && (
        <RemoveDialog team={team} member={removing} onClose={() => setRemoving(undefined)} onRemoved={reload} />
      )}
    </>
  );
}

/** The invitations of a team, for its admins: the server refuses them to others. */
function Inviting({
  team,
  members,
  isInviting,
  onInviting,
}: {
  team: Team;
  members: readonly User[];
  isInviting: boolean;
  onInviting: (isInviting: boolean) => void;
}) {
  const pending = usePending(team);
  return (
    <>
      <PendingInvitations team={team} pending={pending} onInvite={() => onInviting(true)} />
      {isInviting && (
        <InviteDialog team={team} members={members} invited={pending.data ?? []} onClose={() => onInviting(false)} />
      )}
    </>
  );
}

type Member = TeamData['members'][number];

function RemoveDialog({
  team,
  member,
  onClose,
  onRemoved,
}: {
  team: Team;
  member: Member;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const say = useToast();
  const sayFailure = useFailureToast();
  const remove = async () => {
    try {
      await api.removeMember(team.id, member.id);
    } catch (error) {
      sayFailure(error);
      return;
    }
    const again = <InviteAgain team={team} role={member.role} email={member.email} />;
    say(`${member.name} was removed from ${team.name}.`, 'good', again);
    flushSync(onClose);
    onRemoved();
    document.getElementById('members')?.focus({ preventScroll: true });
  };
  return (
    <Dialog title={`Remove ${member.name}?`} onClose={onClose}>
      <p>They lose access to {team.name} right away. You can invite them again at any time.</p>
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <ActionButton className="primary danger" onPress={remove}>
          Remove
        </ActionButton>
      </div>
    </Dialog>
  );
}

export function TeamHead({ team, role, action }: { team: Team; role: Role | undefined; action?: ReactNode }) {
  const { pathname } = useLocation();
  useTitle(team.name);
  const tab = (href: string, label: string) => (
    <Link href={href} aria-current={pathname === href ? 'page' : undefined}>
      {label}
    </Link>
  );
  return (
    <div className="team-head">
      <TeamBadge name={team.name} large />
      <div className="team-title">
        <h1>{team.name}</h1>
        <p className="quiet">{role === 'admin' ? 'You are an admin' : 'You are a member'}</p>
      </div>
      {action}
      <nav className="tabs" aria-label={team.name}>
        {tab(teamPath(team), 'People')}
        {tab(teamPath(team, '/joining'), 'Automatic joining')}
      </nav>
    </div>
  );
}
