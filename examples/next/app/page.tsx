import { HydrationBoundary } from '@tanstack/react-query';
import { InviteForm, Pending } from './invite';
import { members, roleOf, team } from './people';
import { prefetchInvitations } from './prefetch';
import { currentUser } from './session';
import { SignIn } from './sign-in';

export default async function Home() {
  const user = await currentUser();
  if (!user) return <SignIn />;
  const role = roleOf(user.id);
  if (!role) {
    return (
      <>
        <h1>You’re not on a team yet</h1>
        <p className="quiet">
          Ask an admin of {team.name} to invite {user.email}.
        </p>
      </>
    );
  }
  return (
    <>
      <h1>{team.name}</h1>
      <section aria-labelledby="members">
        <h2 id="members">Members</h2>
        <ul>
          {members().map(({ id, name }) => (
            <li key={id}>{name}</li>
          ))}
        </ul>
      </section>
      {role === 'admin' && (
        <>
          <InviteForm team={team} />
          <HydrationBoundary state={await prefetchInvitations(team)}>
            <Pending team={team} />
          </HydrationBoundary>
        </>
      )}
    </>
  );
}
