import { useInvitationsTo } from '@vortex/react/query';
import { useEffect, useRef } from 'react';
import { loadedOf } from '../load.js';
import { TeamBadge } from '../parts/avatar.js';
import { MailIcon } from '../parts/icons.js';
import { Empty, LoadFailure } from '../parts/notice.js';
import { Card, SkeletonRows } from '../parts/rows.js';
import { useTitle } from '../parts/title.js';
import { useToast } from '../parts/toasts.js';
import { Link, navigate } from '../router.js';
import { teamPath, useSession } from '../session.js';
import { isPersonal, roleOf, teamOf } from '../vortex.js';

/** Lists the open invitations of the signed-in user. */
export function InvitationsPage() {
  const { user, teams } = useSession();
  const query = useInvitationsTo({ type: 'email', value: user.email });
  const { data, failure } = loadedOf(query.data?.filter(isPersonal), query.error);
  useTitle('Invitations');
  useFirstTeam();
  return (
    <>
      <div className="page-head">
        <h1>{teams.length === 0 ? 'You’re not on a team yet' : 'Invitations'}</h1>
        <p className="quiet">Invitations sent to {user.email}</p>
      </div>
      <Card title="For you" id="own" count={data?.length}>
        {data?.length === 0 && (
          <Empty title="No pending invitations" icon={<MailIcon />}>
            <p>
              Ask a team admin to invite <strong>{user.email}</strong>. The invitation will appear here and in your
              email.
            </p>
          </Empty>
        )}
        {data && data.length > 0 && (
          <ul className="rows" aria-labelledby="own">
            {data.map((invitation) => {
              const name = teamOf(invitation)?.name ?? 'Roster';
              return (
                <li className="row" key={invitation.id}>
                  <TeamBadge name={name} />
                  <span className="who">
                    <span className="name">{name}</span>
                    <span className="quiet">
                      {invitation.creatorName ?? 'A team admin'} invited you
                      {roleOf(invitation) === 'admin' && ' as an admin'}
                    </span>
                  </span>
                  <Link className="button" href={`/invitation?${new URLSearchParams({ invitationId: invitation.id })}`}>
                    View
                  </Link>
                </li>
              );
            })}
          </ul>
        )}
        {!data && !failure && <SkeletonRows count={2} />}
        {failure && <LoadFailure failure={failure} onRetry={() => void query.refetch()} />}
      </Card>
    </>
  );
}

/** Opens the first team of a user who was in none, as soon as they join one by domain or on another page. */
function useFirstTeam(): void {
  const { teams } = useSession();
  const say = useToast();
  const hadNone = useRef(teams.length === 0).current;
  const [first] = teams;
  useEffect(() => {
    if (!hadNone || !first) return;
    say(`You joined ${first.name}.`);
    navigate(teamPath(first), { replace: true });
  }, [hadNone, first, say]);
}
