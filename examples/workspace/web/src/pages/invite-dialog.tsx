import { type Invitation, parseAddresses } from '@vortex/react';
import { type InviteResult, useInvite } from '@vortex/react/query';
import { type FormEvent, useState } from 'react';
import type { Role, Team, User } from '../api.js';
import { useDraft } from '../draft.js';
import { failureOf } from '../failure.js';
import { Dialog } from '../parts/dialog.js';
import { CheckIcon, WarnIcon } from '../parts/icons.js';
import { SignInAgain } from '../parts/notice.js';
import { useToast } from '../parts/toasts.js';
import { useSession } from '../session.js';
import { addressOf, invitationTo } from '../vortex.js';

export function InviteDialog({
  team,
  members,
  invited,
  onClose,
}: {
  team: Team;
  members: readonly User[];
  invited: readonly Invitation[];
  onClose: () => void;
}) {
  const { invite, results, isPending, reset } = useInvite();
  const { user } = useSession();
  const [text, setText] = useDraft(`${user.id} ${team.id}`);
  const [role, setRole] = useState<Role>('member');
  // The invitations that were sent before the failed ones were tried again.
  const [sent, setSent] = useState<readonly InviteResult[]>([]);
  // The words that were not sent, since they are no addresses.
  const [rest, setRest] = useState<readonly string[]>([]);
  const all = [...sent, ...results];

  /** Sends invitations. The draft keeps what was not sent, in case the page is left or closed. */
  const send = async (emails: readonly string[], others: readonly string[]) => {
    setRest(others);
    const settled = await invite(invitationTo(team, role, emails));
    const failed = settled.filter(({ status }) => status === 'failed').map(({ address }) => address);
    setText([...failed, ...others].join(', '));
  };

  return (
    <Dialog title={`Invite people to ${team.name}`} onClose={isPending ? () => {} : onClose}>
      {all.length === 0 ? (
        <AddressForm
          text={text}
          onText={setText}
          role={role}
          onRole={setRole}
          taken={takenBy(members, invited)}
          onCancel={() => {
            setText('');
            onClose();
          }}
          onSubmit={(emails, invalid) => void send(emails, invalid)}
        />
      ) : (
        <Results
          results={all}
          rest={rest.join(', ')}
          isSending={isPending}
          onRetry={(emails) => {
            setSent(all.filter(({ status }) => status === 'sent'));
            void send(emails, rest);
          }}
          onEdit={() => {
            setSent([]);
            reset();
          }}
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
  role,
  onRole,
  taken,
  onCancel,
  onSubmit,
}: {
  text: string;
  onText: (text: string) => void;
  role: Role;
  onRole: (role: Role) => void;
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
      <label htmlFor="role">Role</label>
      <select id="role" value={role} onChange={(event) => onRole(event.target.value === 'admin' ? 'admin' : 'member')}>
        <option value="member">Member: sees the team</option>
        <option value="admin">Admin: also invites and removes people</option>
      </select>
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

function Results({
  results,
  rest,
  isSending,
  onRetry,
  onEdit,
  onClose,
}: {
  results: readonly InviteResult[];
  /** The words that were not sent, since they are no addresses. */
  rest: string;
  isSending: boolean;
  onRetry: (emails: string[]) => void;
  onEdit: () => void;
  onClose: () => void;
}) {
  const failed = results.filter((each) => each.status === 'failed');
  const sent = results.filter(({ status }) => status === 'sent').length;
  const summary = isSending
    ? `${sent} of ${results.length} sent`
    : [`${sent} sent`, failed.length > 0 && `${failed.length} failed`].filter(Boolean).join(', ');
  const isSignedOut = failed.some(({ error }) => error.code === 'UNAUTHENTICATED');
  return (
    <div className="stack">
      <div className="progress">
        <progress max={results.length} value={sent + failed.length} aria-label="Invitations sent" />
        <span role="status">{summary}</span>
      </div>
      <ul className="results" aria-label="Results">
        {results.map((result) => (
          <Result key={result.address} result={result} />
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
          <button type="button" onClick={() => onRetry(failed.map(({ address }) => address))}>
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

const words = { waiting: 'Waiting', sending: 'Sending…', sent: 'Sent' };

function Result({ result }: { result: InviteResult }) {
  const { address, status } = result;
  const link = status === 'sent' ? result.invitation.shortLink : undefined;
  return (
    <li className={status === 'failed' ? 'bad' : status}>
      {status === 'failed' ? <WarnIcon /> : <CheckIcon />}
      <span className="who">
        <span className="name">{address}</span>
        {status === 'failed' ? (
          <span>{failureOf(result.error).message}</span>
        ) : (
          <span className="quiet">{words[status]}</span>
        )}
      </span>
      {link && <CopyButton link={link} email={address} />}
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
