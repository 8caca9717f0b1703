import { type FormEvent, useState } from 'react';
import { api, type Person } from '../api.js';
import { type Failure, failureOf } from '../failure.js';
import { useLoad } from '../load.js';
import { Avatar } from '../parts/avatar.js';
import { ActionButton } from '../parts/button.js';
import { FailureText, LoadFailure } from '../parts/notice.js';
import { SkeletonRows } from '../parts/rows.js';
import { useTitle } from '../parts/title.js';
import { ownPath, useLocation } from '../router.js';
import { INCOMPLETE, NOT_FOUND, whyClosed } from './invitation.js';

/** The page for signed-out users. It replaces the requested page, which appears after signing in. */
export function SignInPage({ onSignedIn }: { onSignedIn: () => Promise<unknown> }) {
  const { pathname, search, searchParams } = useLocation();
  const invitationId = searchParams.get('invitationId');
  useTitle('Sign in');
  return (
    <div className="sign-in">
      {pathname !== '/invitation' ? (
        <Head title="Sign in to Roster" text="Your team members and pending invitations in one place." />
      ) : invitationId ? (
        <InvitationHead invitationId={invitationId} />
      ) : (
        <Head {...INCOMPLETE} />
      )}
      <div className="columns">
        <EmailForm next={ownPath(pathname + search)} />
        <DemoPeople onSignedIn={onSignedIn} />
      </div>
    </div>
  );
}

/** Says who invites the visitor, and where to. A closed invitation says why. */
function InvitationHead({ invitationId }: { invitationId: string }) {
  const { data, failure } = useLoad(`preview ${invitationId}`, () => api.preview(invitationId));
  const closed = failure?.code === 'NOT_FOUND' ? NOT_FOUND : data && whyClosed(data.state, data.inviter);
  if (closed) return <Head title={closed.title} text={`${closed.text} If you’re already on the team, sign in.`} />;
  const hint = 'Sign in with the email address that the invitation was sent to.';
  if (!data) return <Head title="You’re invited" text={hint} isBusy={!failure} />;
  const team = data.team ?? 'a team';
  const text = `${data.inviter ?? 'A team admin'} invited you to join ${team}. ${hint}`;
  return <Head title={`You’re invited to ${team}`} text={text} />;
}

function Head({ title, text, isBusy = false }: { title: string; text: string; isBusy?: boolean }) {
  return (
    <div className="page-head" aria-busy={isBusy}>
      <h1>{title}</h1>
      <p className="quiet">{text}</p>
    </div>
  );
}

function EmailForm({ next }: { next: string }) {
  const [email, setEmail] = useState('');
  const [sentTo, setSentTo] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setFailure(undefined);
    setSentTo(undefined);
    try {
      await api.sendSignInLink(email, next);
      setSentTo(email);
    } catch (error) {
      setFailure(failureOf(error));
    }
    setBusy(false);
  };
  return (
    <section className="card" aria-labelledby="by-mail">
      <h2 id="by-mail">Sign in with email</h2>
      <form className="stack" onSubmit={submit}>
        <label htmlFor="email">Email address</label>
        <input
          id="email"
          type="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          required
          maxLength={254}
          autoComplete="email"
          placeholder="you@example.com"
        />
        <button type="submit" className="primary" aria-busy={isBusy}>
          Send sign-in link
        </button>
      </form>
      <div className="answer" role="status">
        {sentTo && (
          <p>
            Your sign-in link for <strong>{sentTo}</strong> is ready. This demo does not send email: open the link in
            the <a href="/outbox">outbox</a>.
          </p>
        )}
        {failure && <FailureText failure={failure} />}
        {!sentTo && !failure && <p className="quiet small">No password needed: the link confirms your address.</p>}
      </div>
    </section>
  );
}

function DemoPeople({ onSignedIn }: { onSignedIn: () => Promise<unknown> }) {
  const { data, failure, reload } = useLoad('people', api.people);
  const [refusal, setRefusal] = useState<Failure>();
  const choose = async ({ id }: Person) => {
    try {
      await api.signInAs(id);
      await onSignedIn();
    } catch (error) {
      setRefusal(failureOf(error));
    }
  };
  return (
    <section className="card" aria-labelledby="people">
      <h2 id="people">Continue as a demo user</h2>
      <p className="quiet small">This demo runs only on your machine. Pick a user to sign in.</p>
      {refusal && <FailureText failure={refusal} />}
      {data ? (
        <ul className="rows pick" aria-labelledby="people">
          {data.people.map((person) => (
            <li key={person.id}>
              <ActionButton className="row" onPress={() => choose(person)}>
                <Avatar id={person.id} name={person.name} />
                <span className="who">
                  <span className="name">{person.name}</span>
                  <span className="quiet">
                    {person.teams.join(', ') || 'No team'} · {person.email}
                  </span>
                </span>
              </ActionButton>
            </li>
          ))}
        </ul>
      ) : (
        !failure && <SkeletonRows count={6} />
      )}
      {failure && <LoadFailure failure={failure} onRetry={reload} />}
    </section>
  );
}
