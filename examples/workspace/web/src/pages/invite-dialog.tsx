import type { Invitation } from '@vortex/core';
import { type FormEvent, useState } from 'react';
import { readAddresses } from '../addresses.js';
import { type Failure, failureOf, type Team, type User } from '../api.js';
import { Dialog } from '../parts/dialog.js';
import { CheckIcon, WarnIcon } from '../parts/icons.js';
import { addressOf, useTeamInvitations } from '../vortex.js';

type State = 'waiting' | 'sending' | 'sent' | Failure;

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
  const [text, setText] = useState('');
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
          () => mark(email, 'sent'),
          (error: unknown) => mark(email, failureOf(error)),
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
          onClose={onClose}
          onSubmit={(emails) => {
            setAttempts(emails.map((email) => ({ email, state: 'waiting' })));
            void send(emails);
          }}
        />
      ) : (
        <Results attempts={attempts} isSending={isSending} onRetry={send} onClose={onClose} />
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
  onClose,
  onSubmit,
}: {
  text: string;
  onText: (text: string) => void;
  taken: Map<string, string>;
  onClose: () => void;
  onSubmit: (emails: string[]) => void;
}) {
  const [wasTried, setTried] = useState(false);
  const { valid, invalid } = readAddresses(text);
  const fresh = valid.filter((email) => !taken.has(email.toLowerCase()));
  const left = valid.filter((email) => taken.has(email.toLowerCase()));
  const remarks = [
    ...invalid.map((word) => `${word} is not a valid email address`),
    ...left.map((email) => `${email} ${taken.get(email.toLowerCase())}`),
  ];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (invalid.length === 0 && fresh.length > 0) onSubmit(fresh);
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
        aria-invalid={wasTried && (invalid.length > 0 || fresh.length === 0)}
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
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="primary">
          {fresh.length > 1 ? `Send ${fresh.length} invitations` : 'Send invitation'}
        </button>
      </div>
    </form>
  );
}

function Results({
  attempts,
  isSending,
  onRetry,
  onClose,
}: {
  attempts: Attempt[];
  isSending: boolean;
  onRetry: (emails: string[]) => Promise<void>;
  onClose: () => void;
}) {
  const sent = attempts.filter(({ state }) => state === 'sent').length;
  const failed = attempts.filter(({ state }) => typeof state === 'object').map(({ email }) => email);
  const summary = isSending
    ? `${sent} of ${attempts.length} sent`
    : [`${sent} sent`, failed.length > 0 && `${failed.length} failed`].filter(Boolean).join(', ');
  return (
    <div className="stack">
      <div className="progress">
        <progress max={attempts.length} value={sent + failed.length} aria-label="Invitations sent" />
        <span role="status">{summary}</span>
      </div>
      <ul className="results" aria-label="Results">
        {attempts.map(({ email, state }) => (
          <li key={email} className={typeof state === 'object' ? 'bad' : state}>
            {typeof state === 'object' ? <WarnIcon /> : <CheckIcon />}
            <span className="who">
              <span className="name">{email}</span>
              {typeof state === 'object' ? (
                <span>
                  {state.message} <code>{state.code}</code>
                </span>
              ) : (
                <span className="quiet">{{ waiting: 'Waiting', sending: 'Sending…', sent: 'Sent' }[state]}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
      <div className="dialog-actions">
        {failed.length > 0 && !isSending && (
          <button type="button" onClick={() => void onRetry(failed)}>
            Retry failed
          </button>
        )}
        <button type="button" className="primary" onClick={onClose} disabled={isSending}>
          Done
        </button>
      </div>
    </div>
  );
}
