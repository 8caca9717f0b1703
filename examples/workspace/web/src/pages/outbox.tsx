import { useState } from 'react';
import { api } from '../api.js';
import { useLoad } from '../load.js';
import { MailIcon } from '../parts/icons.js';
import { Empty, FailureText } from '../parts/notice.js';
import { SkeletonRows } from '../parts/rows.js';
import { shortTime } from '../parts/time.js';
import { useTitle } from '../parts/title.js';

const LOOK_EVERY_MS = 2000;

/** Lists the messages that the demo would have sent. Your application has a mail provider in place of this page. */
export function OutboxPage() {
  const { data, failure } = useLoad('outbox', api.outbox, { every: LOOK_EVERY_MS });
  const [search, setSearch] = useState('');
  const words = search.trim().toLowerCase();
  const mails = data?.mails.filter(({ to, subject }) => `${to} ${subject}`.toLowerCase().includes(words)) ?? [];
  useTitle('Outbox');
  return (
    <>
      <div className="page-head">
        <h1>Outbox</h1>
        <p className="quiet">
          This demo does not send email. Messages appear here, newest first. Open a link in a private window to sign in
          as another user.
        </p>
      </div>
      <section className="card" aria-label="Messages">
        {data?.mails.length === 0 && (
          <Empty title="No messages yet" icon={<MailIcon />}>
            <p>Send an invitation or request a sign-in link to see a message here.</p>
          </Empty>
        )}
        {data && data.mails.length > 0 && (
          <div className="stack">
            <label htmlFor="filter">Filter messages</label>
            <input
              id="filter"
              type="search"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
              placeholder="Email address or subject"
              autoComplete="off"
              spellCheck={false}
            />
            <p className="unseen" role="status">
              {words && `${mails.length} found`}
            </p>
          </div>
        )}
        {data && data.mails.length > 0 && mails.length === 0 && (
          <p className="quiet">No message matches “{search.trim()}”.</p>
        )}
        {mails.length > 0 && (
          <ul className="rows mails">
            {mails.map(({ id, at, to, subject, text, link }) => (
              <li className="row" key={id}>
                <span className="who">
                  <span className="name">{subject}</span>
                  <span className="quiet">
                    to {to} · <time dateTime={at}>{shortTime(at)}</time>
                  </span>
                  <span className="body">{text.replace(link, '').trim()}</span>
                  <a href={link}>{link}</a>
                </span>
              </li>
            ))}
          </ul>
        )}
        {!data && !failure && <SkeletonRows count={3} />}
        {failure && <FailureText failure={failure} />}
      </section>
      {data?.emulatorUrl && (
        <p className="quiet small">
          See all invitations and webhooks in the <a href={data.emulatorUrl}>Vortex emulator</a>.
        </p>
      )}
    </>
  );
}
