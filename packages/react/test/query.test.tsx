/** Tests the data hooks with a client in memory. `readme.test.ts` tests them in Chromium against the real routes. */

import { dehydrate, hydrate, QueryClient, QueryClientProvider, useSuspenseQuery } from '@tanstack/react-query';
import { createTestClient, type TestClient } from '@vortex/browser/testing';
import { type BrowserClient, type Invitation, VortexProvider, VortexRequestError } from '@vortex/react';
import {
  type InvitationLink,
  type InvitationsOf,
  type Invite,
  type InviteForm,
  useAccept,
  useAutojoinDomains,
  useConfigureAutojoin,
  useInvitation,
  useInvitationLink,
  useInvitationsOf,
  useInvitationsTo,
  useInvite,
  useInviteForm,
  useReinvite,
  useRevoke,
  useVortexQueries,
  vortexKeys,
  vortexQueries,
} from '@vortex/react/query';
import './dom.ts';
import { type ReactNode, StrictMode, Suspense, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gate, newInvitation } from '../../browser/test/server.ts';

const scope = { type: 'team', id: 't1' };
const scopes = [{ type: 'team', scopeId: 't1', groupId: 't1', name: 'Team' }];
const to = (value: string) => [{ type: 'email', value }];
const some = (count: number): Invitation[] =>
  Array.from({ length: count }, (_, index) => ({ id: `i-${index}`, scopes, target: to('ada@harbor.example') }));

let list: InvitationsOf;
let addressed: string[] | undefined;
let revoke: ReturnType<typeof useRevoke>;
let accept: ReturnType<typeof useAccept>;
let reinvite: ReturnType<typeof useReinvite>;
let domains: ReturnType<typeof useAutojoinDomains>;
let configure: ReturnType<typeof useConfigureAutojoin>;
let invite: Invite;
let link: InvitationLink;
let suspended: string | undefined;
let main: HTMLElement;
let root: Root;
let queries: QueryClient;
let client: TestClient;
beforeEach(() => {
  main = document.createElement('main');
  root = createRoot(main);
  queries = new QueryClient();
});
afterEach(() => {
  root.unmount();
  // What a hook returned must not be taken for that of the next test.
  const none = undefined as never;
  form = none;
  list = none;
  addressed = none;
  domains = none;
  link = none;
  suspended = none;
  queries.clear();
});
const render = (children: ReactNode, own: TestClient = client) => {
  client = own;
  root.render(
    <StrictMode>
      <VortexProvider config={{ client }}>
        <QueryClientProvider client={queries}>{children}</QueryClientProvider>
      </VortexProvider>
    </StrictMode>,
  );
};
const until = (condition: () => unknown) => vi.waitUntil(condition, { timeout: 20_000, interval: 5 });
const counted = (method: keyof BrowserClient) => client.calls.filter(([name]) => name === method).length;

function Page() {
  list = useInvitationsOf(scope);
  addressed = useInvitationsTo({ type: 'email', value: 'ada@harbor.example' }).data?.map(({ id }) => id);
  revoke = useRevoke();
  accept = useAccept();
  reinvite = useReinvite();
  domains = useAutojoinDomains(scope);
  configure = useConfigureAutojoin();
  invite = useInvite();
  return null;
}
const ids = () => list?.invitations?.map(({ id }) => id);

test('lists are loaded once, and a page more on request', async () => {
  render(<Page />, createTestClient({ invitations: some(25) }));
  await until(() => ids()?.length === 20);
  expect(list.hasMore).toBe(true);
  list.loadMore();
  await until(() => ids()?.length === 25);
  expect(list.hasMore).toBe(false);
  const signals = client.calls.filter(([method]) => method === 'getInvitationsByScope');
  // StrictMode mounts twice, so the first load is aborted and sent again.
  expect(signals.length).toBe(3);
});

test('two revocations at once hide both, and the one that is refused comes back', async () => {
  const held = gate();
  const refusal = new VortexRequestError('FORBIDDEN', 'You may not do this.', { status: 403 });
  const inner = createTestClient({ invitations: some(3) });
  const revokeInvitation: BrowserClient['revokeInvitation'] = async (id) => {
    await held.opened;
    if (id === 'i-0') throw refusal;
    await inner.revokeInvitation(id);
  };
  const reads = {
    getInvitationsByScope: inner.getInvitationsByScope,
    getInvitationsByTarget: inner.getInvitationsByTarget,
  };
  render(<Page />, createTestClient({ ...reads, revokeInvitation }));
  await until(() => ids()?.length === 3 && addressed?.length === 3);
  revoke.mutate('i-1');
  revoke.mutate('i-0');
  await until(() => ids()?.length === 1 && addressed?.length === 1);
  held.open();
  await until(() => revoke.error === refusal && ids()?.length === 2);
  expect(ids()).toEqual(['i-0', 'i-2']);
  await until(() => addressed?.length === 2);
});

test('after a revocation, the next page leaves no invitation out', async () => {
  const held = gate();
  const inner = createTestClient({ invitations: some(25) });
  let isHolding = false;
  const getInvitationsByScope: BrowserClient['getInvitationsByScope'] = async (type, id, options) => {
    // Holds the load that follows the revocation, so that the next page is loaded without it.
    if (isHolding && !options?.start) await held.opened;
    return inner.getInvitationsByScope(type, id, options);
  };
  render(<Page />, createTestClient({ getInvitationsByScope, revokeInvitation: inner.revokeInvitation }));
  await until(() => ids()?.length === 20);
  isHolding = true;
  revoke.mutate('i-3');
  await until(() => revoke.isSuccess);
  list.loadMore();
  await until(() => ids()?.length === 24);
  held.open();
  await until(() => !list.isFetching);
  expect(ids()).toEqual(
    some(25)
      .map(({ id }) => id)
      .filter((id) => id !== 'i-3'),
  );
});

test('an accepted invitation leaves the lists, and one that is sent again is loaded again', async () => {
  render(<Page />, createTestClient({ invitations: some(2) }));
  await until(() => ids()?.length === 2);
  accept.mutate('i-0');
  await until(() => ids()?.length === 1);
  const before = counted('getInvitationsByScope');
  reinvite.mutate('i-1');
  await until(() => counted('getInvitationsByScope') > before);
});

test('new autojoin domains are shown', async () => {
  render(<Page />, createTestClient());
  await until(() => domains?.data);
  configure.mutate({ scopeType: 'team', scope: 't1', domains: ['harbor.example'], componentId: 'c' });
  await until(() => domains.data?.[0] === 'harbor.example');
});

test('useInvite has a result for each address, in order, and a refusal does not stop the others', async () => {
  const inner = createTestClient();
  const refusal = new VortexRequestError('UPSTREAM_UNPROCESSABLE', 'This address bounces.', { status: 422 });
  let atOnce = 0;
  let most = 0;
  const createInvitation: BrowserClient['createInvitation'] = async (input) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    atOnce -= 1;
    if (input.target.value.startsWith('b')) throw refusal;
    return inner.createInvitation(input);
  };
  render(<Page />, createTestClient({ createInvitation, getInvitationsByScope: inner.getInvitationsByScope }));
  await until(() => ids()?.length === 0);
  const addresses = ['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example', 'e@x.example', 'f@x.example'];
  const { target, ...request } = newInvitation('');
  const settled = await invite.invite({ ...request, to: addresses });
  expect(settled.map(({ address, status }) => [address, status])).toEqual(
    addresses.map((address) => [address, address.startsWith('b') ? 'failed' : 'sent']),
  );
  expect(most).toBe(4);
  await until(() => invite.done === 6 && !invite.isPending && ids()?.length === 5);
  expect(invite.results[1]).toEqual({ address: 'b@x.example', status: 'failed', error: refusal });
  invite.reset();
  await until(() => invite.results.length === 0);
});

test('of two calls of useInvite, the results are those of the later one', async () => {
  const held = gate();
  const inner = createTestClient();
  const createInvitation: BrowserClient['createInvitation'] = async (input) => {
    if (input.target.value === 'slow@x.example') await held.opened;
    return inner.createInvitation(input);
  };
  render(<Page />, createTestClient({ createInvitation, getInvitationsByScope: inner.getInvitationsByScope }));
  await until(() => ids()?.length === 0);
  const { target, ...request } = newInvitation('');
  const earlier = invite.invite({ ...request, to: ['slow@x.example'] });
  await invite.invite({ ...request, to: ['quick@x.example'] });
  await until(() => invite.results[0]?.status === 'sent');
  held.open();
  expect(await earlier).toMatchObject([{ address: 'slow@x.example', status: 'sent' }]);
  await until(() => ids()?.length === 2);
  expect(invite.results).toMatchObject([{ address: 'quick@x.example' }]);
});

const seen: unknown[][] = [];
let renderAgain = () => {};
function Stable() {
  const [count, setCount] = useState(0);
  renderAgain = () => setCount(count + 1);
  const all = useInvitationsOf(scope);
  const mine = useInvitationsTo({ type: 'email', value: 'ada@harbor.example' });
  const revoking = useRevoke();
  const inviting = useInvite();
  const form = useInviteForm({ widgetConfigurationId: 'c', scopes: [...scopes] });
  const opened = useInvitationLink('i-0');
  const { data: one, refetch } = useInvitation('i-0');
  const options = useVortexQueries();
  list = all;
  addressed = mine.data?.map(({ id }) => id);
  link = opened;
  seen.push([all, mine.data, revoking.mutate, revoking.mutateAsync, inviting, form, opened, one, refetch, options]);
  return count;
}
test('what the hooks return stays the same from one render to the next', async () => {
  render(<Stable />, createTestClient({ invitations: some(2) }));
  await until(() => ids()?.length === 2 && addressed?.length === 2 && link?.status === 'open' && !list.isFetching);
  const before = seen.at(-1);
  const renders = seen.length;
  renderAgain();
  await until(() => seen.length > renders);
  expect(seen.at(-1)?.map((value, at) => value === before?.[at])).toEqual(before?.map(() => true));
});

let form: InviteForm | undefined;
function Form({ name }: { name: string }) {
  form = useInviteForm({ widgetConfigurationId: 'c', scopes: [{ type: 'team', scopeId: 't1', name }] });
  return <p>{name}</p>;
}
test('useInviteForm submits the request of the latest render', async () => {
  render(<Form name="First" />, createTestClient());
  await until(() => form);
  form?.setText('ada@harbor.example');
  await until(() => form?.canSubmit);
  render(<Form name="Second" />);
  await until(() => main.textContent === 'Second');
  await form?.submit();
  await until(() => form?.status === 'done');
  expect(client.invitations).toMatchObject([{ scopes: [{ name: 'Second' }] }]);
});

/** Submits a form. Invitations are sent only once the gate opens, but for `c…`. Those to `b…` are refused. */
async function submitHeld(text: string) {
  const held = gate();
  const inner = createTestClient();
  const createInvitation: BrowserClient['createInvitation'] = async (input) => {
    if (!input.target.value.startsWith('c')) await held.opened;
    if (input.target.value.startsWith('b')) throw new VortexRequestError('UPSTREAM_CONFLICT', 'No.', { status: 409 });
    return inner.createInvitation(input);
  };
  render(<Form name="Team" />, createTestClient({ createInvitation }));
  await until(() => form);
  form?.setText(text);
  await until(() => form?.canSubmit);
  const submitting = form?.submit();
  await until(() => form?.status === 'sending');
  return { open: held.open, submitting };
}
const type = async (text: string) => {
  form?.setText(text);
  await until(() => form?.text === text);
};

test.each([
  ['a@x.example', 'a@x.example, c@x.example', 'c@x.example', 'sent'],
  ['a@x.example', 'a@x.example, c@x.example, ', 'c@x.example, ', 'sent'],
  ['a@x.example', 'a@x.example, Ada Lindqvist ', 'Ada Lindqvist ', 'sent'],
  ['a@x.example', 'a@x.example, c@x.example d@x.exampl', 'c@x.example d@x.exampl', 'sent'],
  ['a@x.example, ', 'a@x.example, Ada <c@x', 'Ada <c@x', 'sent'],
  ['a@x.example', 'a@x.example2', 'a@x.example2', 'sent'],
  ['a@x.example', 'c@x.example, a@x.example, ', 'c@x.example\n', 'sent'],
  ['a@x.example', 'A@x.example, Ada <c@x', 'Ada <c@x', 'sent'],
  ['a@x.example, ', 'a@x.example, ', '', 'sent'],
  ['b@x.example', 'b@x.example, c@x.example', 'b@x.example\nc@x.example', 'refused'],
  ['b@x.example', 'b@x.example, ', 'b@x.example\n', 'refused'],
  ['b@x.example', '', 'b@x.example', 'refused'],
])(
  'a form that submitted %j and was edited to %j meanwhile ends with %j if its address is %s',
  async (submitted, typed, left) => {
    const { open, submitting } = await submitHeld(submitted);
    await type(typed);
    open();
    await submitting;
    await until(() => form?.status === 'done' && form.text === left);
  },
);

test.each(['a@x.example', 'b@x.example'])(
  'a form that was reset while %s was sent keeps its new text',
  async (address) => {
    const { open, submitting } = await submitHeld(address);
    form?.reset();
    await type('c@x.example');
    open();
    await submitting;
    // A render later, so that a change of the text would be seen.
    render(<Form name="Later" />);
    await until(() => main.textContent === 'Later');
    expect(form).toMatchObject({ text: 'c@x.example', status: 'editing', results: [] });
  },
);

test('a submission that was reset does not change the text after the next one ended', async () => {
  const { open, submitting } = await submitHeld('b@x.example');
  form?.reset();
  await type('c@x.example');
  await until(() => form?.canSubmit);
  await form?.submit();
  await until(() => form?.status === 'done' && form.text === '');
  open();
  await submitting;
  render(<Form name="Later" />);
  await until(() => main.textContent === 'Later');
  expect(form).toMatchObject({ text: '', results: [{ address: 'c@x.example', status: 'sent' }] });
});

function Link({ id }: { id: string }) {
  link = useInvitationLink(id);
  return null;
}
test.each<[string, Partial<InvitationLink> & object, Partial<Invitation> | VortexRequestError]>([
  ['an open invitation', { status: 'open' }, {}],
  ['an accepted invitation', { status: 'closed', reason: 'accepted' }, { status: 'accepted' }],
  ['an expired invitation', { status: 'closed', reason: 'expired' }, { deactivated: true, expired: true }],
  ['a revoked invitation', { status: 'closed', reason: 'revoked' }, { deactivated: true }],
  [
    'an unknown invitation',
    { status: 'closed', reason: 'not-found' },
    new VortexRequestError('NOT_FOUND', 'No.', { status: 404 }),
  ],
  [
    'an id that the client does not send',
    { status: 'closed', reason: 'not-found' },
    new VortexRequestError('INVALID_REQUEST', 'No.'),
  ],
  [
    'an id that the Vortex API refuses',
    { status: 'closed', reason: 'not-found' },
    new VortexRequestError('UPSTREAM_INVALID', 'No.', { status: 400 }),
  ],
  [
    'an id that is too long for Fastify',
    { status: 'closed', reason: 'not-found' },
    new VortexRequestError('FST_ERR_MAX_PARAM_LENGTH' as 'BAD_RESPONSE', 'URI Too Long', { status: 414 }),
  ],
  [
    'a page whose routes are mounted elsewhere',
    { status: 'failed' },
    new VortexRequestError('BAD_RESPONSE', 'No.', { status: 404 }),
  ],
  [
    'the invitation of another',
    { status: 'closed', reason: 'not-yours' },
    new VortexRequestError('FORBIDDEN', 'No.', { status: 403 }),
  ],
  ['a signed-out caller', { status: 'signed-out' }, new VortexRequestError('UNAUTHENTICATED', 'No.', { status: 401 })],
  ['a broken environment', { status: 'failed' }, new VortexRequestError('UNSUPPORTED', 'No.')],
])('the link of %s is %j', async (_, expected, answer) => {
  const getInvitation = async (id: string) => {
    if (answer instanceof Error) throw answer;
    return { id, ...answer };
  };
  render(<Link id="i" />, createTestClient({ getInvitation }));
  await until(() => link && link.status !== 'loading');
  expect(link).toMatchObject(expected);
});

test.each<[string, number, VortexRequestError]>([
  [
    '429 with a Retry-After of an hour',
    1,
    new VortexRequestError('RATE_LIMITED', 'Later.', { status: 429, retryAfter: 3600 }),
  ],
  [
    '429 with a Retry-After of one second',
    2,
    new VortexRequestError('RATE_LIMITED', 'Later.', { status: 429, retryAfter: 1 }),
  ],
  ['a broken environment', 1, new VortexRequestError('UNSUPPORTED', 'No.')],
])('after %s, a query sends %i request(s) before it shows the error or the data', async (_, count, failure) => {
  const getInvitation = vi.fn().mockResolvedValue({ id: 'i' }).mockRejectedValueOnce(failure);
  const options = vortexQueries(createTestClient({ getInvitation })).invitation('i');
  await queries.fetchQuery(options).catch(() => {});
  expect(getInvitation).toHaveBeenCalledTimes(count);
});

function Suspended() {
  suspended = useSuspenseQuery(useVortexQueries().invitation('i-0')).data.id;
  return null;
}
test('the options of a query serve Suspense', async () => {
  render(
    <Suspense fallback={null}>
      <Suspended />
    </Suspense>,
    createTestClient({ invitations: some(1) }),
  );
  await until(() => suspended === 'i-0');
});

test('what a server has prefetched is shown without a request', async () => {
  const server = new QueryClient();
  await server.prefetchInfiniteQuery(vortexQueries(createTestClient({ invitations: some(2) })).invitationsOf(scope));
  const sent = JSON.parse(JSON.stringify(dehydrate(server)));
  server.clear();
  queries = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000 } } });
  hydrate(queries, sent);
  render(<Page />, createTestClient());
  await until(() => ids()?.length === 2);
  expect(counted('getInvitationsByScope')).toBe(0);
  expect(queries.getQueryState(vortexKeys.invitationsOf(scope))?.status).toBe('success');
});
