import { type Invitation, parseAddresses } from '@vortex/react';
import { type FormEvent, useState } from 'react';
import type { Team, User } from '../api.js';
import { useDraft } from '../draft.js';
import { type Failure, failureOf } from '../failure.js';
import { Dialog } from '../parts/dialog.js';
import { CheckIcon, WarnIcon } from '../parts/icons.js';
import { SignInAgain } from '../parts/notice.js';
import { useToast } from '../parts/toasts.js';
import { useSession } from '../session.js';
import { addressOf, useTeamInvitations } from '../vortex.js';

type State = 'waiting' | 'sending' | { link: string | undefined } | { failure: Failure };

interface Attempt {
  email: string;
  state: State;
}

/** The number of invitations that are sent at the same time. */
const AT_ONCE = 3;

export function InviteDialog({
  team,
  members,
  invited,
  onClose,
  onSent,
}: {
  team: Team;
  members: readonly User[];
  invited: readonly Invitation[];
  onClose: () => void;
  onSent: () => void;
}) {
  const vortex = useTeamInvitations();
  const { user } = useSession();
  const [text, setText] = useDraft(`${user.id} ${team.id}`);
  const [attempts, setAttempts] = useState<Attempt[]>([]);
  const isSending = attempts.some(({ state }) => state === 'waiting' || state === 'sending');

  const send = async (emails: readonly string[]) => {
    const mark = (email: string, state: State) =>
      setAttempts((list) => list.map((each) => (each.email === email ? { email, state } : each)));
    for (const email of emails) mark(email, 'waiting');
    const queue = emails.values();
    const work = async () => {
      for (const email of queue) {
        mark(email, 'sending');
        await vortex.invite(team, email).then(
          ({ shortLink }) => mark(email, { link: shortLink }),
          (error: unknown) => mark(email, { failure: failureOf(error) }),
        );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    onSent();
  };

  return (
    <Dialog title={`Invite people to ${team.name}`} onClose={isSending ? () => {} : onClose}>
      {attempts.length === 0 ? (
        <AddressForm
          text={text}
          onText={setText}
          taken={takenBy(members, invited)}
          onCancel={() => {
            setText('');
            onClose();
          }}
          onSubmit={(emails, rest) => {
            setText(rest.join(', '));
            setAttempts(emails.map((email) => ({ email, state: 'waiting' })));
            void send(emails);
          }}
        />
      ) : (
        <Results
          attempts={attempts}
          rest={text}
          isSending={isSending}
          onRetry={send}
          onEdit={() => setAttempts([])}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

/** Returns the reasons why addresses need no invitation, by the address in lower case. */
function takenBy(members: readonly User[], invited: readonly Invitation[]): Map<string, string> {
  return new Map([
    ...invited.map((each) => [addressOf(each).toLowerCase(), 'is already invited'] as const),
    ...members.map(({ email }) => [email.toLowerCase(), 'is already a member'] as const),
  ]);
}

function AddressForm({
  text,
  onText,
  taken,
  onCancel,
  onSubmit,
}: {
  text: string;
  onText: (text: string) => void;
  taken: Map<string, string>;
  onCancel: () => void;
  /** Called with the addresses to invite, and with the words that are no addresses. */
  onSubmit: (emails: string[], rest: string[]) => void;
}) {
  const [wasTried, setTried] = useState(false);
  const { valid, invalid } = parseAddresses(text);
  const fresh = valid.filter((email) => !taken.has(email.toLowerCase()));
  const left = valid.filter((email) => taken.has(email.toLowerCase()));
  const remarks = [
    ...invalid.map((word) => `${word} is not a valid email address`),
    ...left.map((email) => `${email} ${taken.get(email.toLowerCase())}`),
  ];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (fresh.length > 0) onSubmit(fresh, invalid);
  };
  // Shows no remark while the user is still typing the last address.
  const shown = wasTried || /[\s,;]$/u.test(text) ? remarks : [];
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <label htmlFor="addresses">Email addresses</label>
      <textarea
        id="addresses"
        rows={5}
        value={text}
        onChange={(event) => onText(event.target.value)}
        aria-describedby="addresses-hint addresses-remarks"
        aria-invalid={wasTried && fresh.length === 0}
        placeholder="zoe@example.com, o'brien@example.com"
        spellCheck={false}
        autoComplete="off"
      />
      <p className="quiet small" id="addresses-hint">
        Separate addresses with commas, spaces or line breaks.
      </p>
      <div className="remarks" id="addresses-remarks" role="status">
        {wasTried && remarks.length === 0 && fresh.length === 0 && <p>Enter at least one email address.</p>}
        {shown.map((remark) => (
          <p key={remark}>{remark}.</p>
        ))}
      </div>
      <div className="dialog-actions">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className="primary">
          {fresh.length > 1 ? `Send ${fresh.length} invitations` : 'Send invitation'}
        </button>
      </div>
    </form>
  );
}

const failureIn = (state: State) => (typeof state === 'object' && 'failure' in state ? state.failure : undefined);

function Results({
  attempts,
  rest,
  isSending,
  onRetry,
  onEdit,
  onClose,
}: {
  attempts: Attempt[];
  /** The words that were not sent, since they are no addresses. */
  rest: string;
  isSending: boolean;
  onRetry: (emails: string[]) => Promise<void>;
  onEdit: () => void;
  onClose: () => void;
}) {
  const failed = attempts.filter(({ state }) => failureIn(state)).map(({ email }) => email);
  const sent = attempts.filter(({ state }) => typeof state === 'object').length - failed.length;
  const summary = isSending
    ? `${sent} of ${attempts.length} sent`
    : [`${sent} sent`, failed.length > 0 && `${failed.length} failed`].filter(Boolean).join(', ');
  const isSignedOut = attempts.some(({ state }) => failureIn(state)?.code === 'UNAUTHENTICATED');
  return (
    <div className="stack">
      <div className="progress">
        <progress max={attempts.length} value={sent + failed.length} aria-label="Invitations sent" />
        <span role="status">{summary}</span>
      </div>
      <ul className="results" aria-label="Results">
        {attempts.map((attempt) => (
          <Result key={attempt.email} {...attempt} />
        ))}
      </ul>
      {isSignedOut && (
        <p>
          <SignInAgain />
        </p>
      )}
      {rest && !isSending && <p className="remarks">Not sent, because it isn’t an email address: {rest}</p>}
      <div className="dialog-actions">
        {rest && !isSending && (
          <button type="button" onClick={onEdit}>
            Correct it
          </button>
        )}
        {failed.length > 0 && !isSending && (
          <button type="button" onClick={() => void onRetry(failed)}>
            Retry failed
          </button>
        )}
        <button type="button" className="primary" onClick={onClose} aria-disabled={isSending}>
          Done
        </button>
      </div>
    </div>
  );
}

function Result({ email, state }: Attempt) {
  const failure = failureIn(state);
  const link = typeof state === 'object' && 'link' in state ? state.link : undefined;
  const words = state === 'waiting' ? 'Waiting' : state === 'sending' ? 'Sending…' : 'Sent';
  return (
    <li className={failure ? 'bad' : typeof state === 'object' ? 'sent' : state}>
      {failure ? <WarnIcon /> : <CheckIcon />}
      <span className="who">
        <span className="name">{email}</span>
        {failure ? <span>{failure.message}</span> : <span className="quiet">{words}</span>}
      </span>
      {link && <CopyButton link={link} email={email} />}
    </li>
  );
}

/** Copies the link of an invitation, to send it in another way too. Only the invited address can accept by it. */
function CopyButton({ link, email }: { link: string; email: string }) {
  const say = useToast();
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => say(`Link for ${email} copied.`),
      () => say('The link could not be copied.', 'bad'),
    );
  return (
    <button type="button" className="plain" onClick={() => void copy()}>
      Copy link<span className="unseen"> for {email}</span>
    </button>
  );
}
