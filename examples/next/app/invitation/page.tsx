import { currentUser } from '../session';
import { SignIn } from '../sign-in';
import { Invitation } from './invitation';

/** The page that the link in an invitation opens. Set its URL as the landing page at Vortex. */
export default async function Page({ searchParams }: { searchParams: Promise<{ invitationId?: string | string[] }> }) {
  const { invitationId } = await searchParams;
  if (typeof invitationId !== 'string' || invitationId === '') {
    return (
      <>
        <h1>This link is incomplete</h1>
        <p>Open the link in your email again.</p>
      </>
    );
  }
  const user = await currentUser();
  return user ? <Invitation id={invitationId} email={user.email} /> : <SignIn invitationId={invitationId} />;
}
