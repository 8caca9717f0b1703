'use client';

import { useAccept, useInvitationLink } from '@vortex/react/query';
import Link from 'next/link';

const closed = {
  accepted: ['This invitation was already accepted', 'Each invitation works once.'],
  revoked: ['This invitation was revoked', 'Ask the person who invited you for a new one.'],
  expired: ['This invitation has expired', 'Ask the person who invited you for a new one.'],
  'not-found': ['Invitation not found', 'Open the link in your email again.'],
  'not-yours': ['This invitation is for another address', 'Sign in with the address that it was sent to.'],
};

export function Invitation({ id, email }: { id: string; email: string }) {
  const link = useInvitationLink(id);
  const accept = useAccept();
  if (accept.isSuccess) {
    return (
      <>
        <h1>Welcome!</h1>
        <p role="status">You accepted the invitation. You’ll be on the team in a moment.</p>
        {/* No prefetch: the team page must be loaded after the webhook. */}
        <Link className="button primary" href="/" prefetch={false}>
          Go to the team
        </Link>
      </>
    );
  }
  if (link.status === 'loading') return <p>Loading…</p>;
  if (link.status === 'signed-out')
    return <a href={`/invitation?${new URLSearchParams({ invitationId: id })}`}>Sign in</a>;
  if (link.status === 'failed') {
    return (
      <p role="alert">
        {link.error.message}{' '}
        <button type="button" onClick={link.retry}>
          Try again
        </button>
      </p>
    );
  }
  if (link.status === 'closed') {
    const [title, text] = closed[link.reason];
    return (
      <>
        <h1>{title}</h1>
        <p>{text}</p>
        <Link className="button" href="/">
          Home page
        </Link>
      </>
    );
  }
  const { creatorName, scopes, target } = link.invitation;
  // An admin can read an invitation to another person.
  const address = target?.find(({ type }) => type === 'email')?.value ?? email;
  return (
    <>
      <h1>Join {scopes?.[0]?.name ?? 'the team'}</h1>
      <p>
        {creatorName ?? 'An admin'} invited {address.toLowerCase() === email.toLowerCase() ? 'you' : address}.
      </p>
      {accept.error && <p role="alert">{accept.error.message}</p>}
      <button type="button" className="primary" disabled={accept.isPending} onClick={() => accept.mutate(id)}>
        Accept
      </button>
    </>
  );
}
