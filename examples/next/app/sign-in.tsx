import { users } from './people';
import { signIn } from './session';

/** Your sign-in page replaces this one. */
export function SignIn({ invitationId }: { invitationId?: string | undefined }) {
  return (
    <>
      <h1>{invitationId ? 'You’re invited' : 'Sign in'}</h1>
      <p className="quiet">
        {invitationId ? 'Continue as the person who was invited.' : 'Choose a demo user to continue.'}
      </p>
      <form action={signIn} className="stack">
        {invitationId && <input type="hidden" name="invitationId" value={invitationId} />}
        {users.map(({ id, name, email }) => (
          <button key={id} type="submit" name="user" value={id}>
            {name} ({email})
          </button>
        ))}
      </form>
    </>
  );
}
