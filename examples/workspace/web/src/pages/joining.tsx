import { useVortexClient } from '@vortex/react';
import { useAutojoinDomains, useConfigureAutojoin } from '@vortex/react/query';
import { type FormEvent, useState } from 'react';
import type { Team } from '../api.js';
import { type Failure, failureOf } from '../failure.js';
import { loadedOf } from '../load.js';
import { ActionButton } from '../parts/button.js';
import { CloseIcon, LockIcon } from '../parts/icons.js';
import { Empty, FailureNotice, FailureText, LoadFailure } from '../parts/notice.js';
import { Card } from '../parts/rows.js';
import { useToast } from '../parts/toasts.js';
import { useSession } from '../session.js';
import { domainsOf, scopeOf } from '../vortex.js';
import { TeamHead } from './team.js';

const NO_DOMAIN = 'Enter a domain, such as example.com.';
const NOT_ALLOWED = 'This domain can’t be added. Public email providers aren’t allowed, because anyone could join.';

/** Shows and changes the e-mail domains whose users join a team without an invitation. */
export function JoiningPage({ teamId }: { teamId: string }) {
  const { teams, reload } = useSession();
  const team = teams.find(({ id }) => id === teamId);
  if (!team) {
    const failure = { message: 'Only members of this team can see this page.', code: 'NOT_A_MEMBER', status: 403 };
    return <FailureNotice failure={failure} onRetry={reload} />;
  }
  return (
    <>
      <TeamHead team={team} role={team.role} />
      {team.role === 'admin' ? (
        <Domains team={team} />
      ) : (
        <Card title="Automatic joining" id="joining">
          <Empty title={`Only admins of ${team.name} can change this`} icon={<LockIcon />}>
            <p>Admins choose which email domains can join without an invitation.</p>
          </Empty>
        </Card>
      )}
    </>
  );
}

function Domains({ team }: { team: Team }) {
  const say = useToast();
  const query = useAutojoinDomains(scopeOf(team));
  const { data: domains, failure } = loadedOf(query.data, query.error);
  const client = useVortexClient();
  const { mutateAsync: configure } = useConfigureAutojoin();
  const [isBusy, setBusy] = useState(false);
  const [draft, setDraft] = useState('');
  const [refusal, setRefusal] = useState<Failure>();

  /**
   * Saves the domains without `domain`, followed by those in `added`, and shows `done` if that succeeds. A save replaces the whole list,
   * so it begins with the current one: the list on the page may be older than a change by another admin.
   */
  const save = async (domain: string, added: string[], done: string) => {
    if (isBusy) return false;
    setRefusal(undefined);
    setBusy(true);
    try {
      const { autojoinDomains } = await client.getAutojoinDomains('team', team.id);
      const others = autojoinDomains.map((each) => each.domain).filter((each) => each !== domain);
      await configure(domainsOf(team, [...others, ...added]));
      say(done);
      return true;
    } catch (error) {
      setRefusal(failureOf(error, { UPSTREAM_INVALID: NOT_ALLOWED, INVALID_REQUEST: NO_DOMAIN }));
      void query.refetch();
      return false;
    } finally {
      setBusy(false);
    }
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const domain = draft.trim().replace(/^.*@/u, '').toLowerCase();
    if (domain === '') return;
    if (!/^(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}$/u.test(domain)) {
      setRefusal({ message: NO_DOMAIN, code: 'INVALID_REQUEST', status: 0 });
      return;
    }
    if (await save(domain, [domain], `People at ${domain} can now join ${team.name}.`)) setDraft('');
  };
  const remove = async (domain: string) => {
    if (!(await save(domain, [], `People at ${domain} now need an invitation.`))) return;
    document.getElementById('joining')?.focus({ preventScroll: true });
  };

  return (
    <Card title="Automatic joining" id="joining">
      <p className="lead">
        Anyone who signs in with a verified address at one of these domains joins {team.name} without an invitation.
        Removing a domain does not remove members.
      </p>
      <form className="stack" onSubmit={add}>
        <label htmlFor="domain">Email domain</label>
        <div className="field">
          <input
            id="domain"
            value={draft}
            onChange={(event) => setDraft(event.target.value)}
            placeholder="example.com"
            required
            maxLength={253}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            aria-describedby="domain-remarks"
            aria-invalid={refusal !== undefined}
          />
          <button type="submit" className="primary" aria-busy={isBusy}>
            Add domain
          </button>
        </div>
        <div className="remarks" id="domain-remarks">
          {refusal ? (
            <FailureText failure={refusal} />
          ) : (
            <p className="quiet small">
              You can add the domain of your own address, unless it is a public email provider, where anyone could join.
            </p>
          )}
        </div>
      </form>
      {domains && domains.length > 0 && (
        <ul className="chips" aria-label="Domains">
          {domains.map((domain) => (
            <li key={domain}>
              {domain}
              <ActionButton
                className="icon"
                aria-label={`Remove ${domain}`}
                onPress={() => remove(domain)}
                isOff={isBusy}
              >
                <CloseIcon />
              </ActionButton>
            </li>
          ))}
        </ul>
      )}
      {domains?.length === 0 && (
        <Empty title="No domains yet">
          <p>Add your company’s domain so that colleagues can join without an invitation.</p>
        </Empty>
      )}
      {!domains && !failure && <div className="empty skeleton" aria-hidden="true" />}
      {failure && <LoadFailure failure={failure} onRetry={() => void query.refetch()} />}
    </Card>
  );
}
