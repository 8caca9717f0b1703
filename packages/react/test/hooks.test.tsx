/** Tests the provider and the hooks in StrictMode, over the real routes. Runs on React 19 and on React 18. */

import {
  type Invitations,
  useInvitations,
  useVortex,
  useVortexAuth,
  useVortexClient,
  useVortexJWT,
  VortexBackend,
  type VortexConfig,
  type VortexContextValue,
  type VortexJwt,
  VortexProvider,
} from '@vortex/react';
import { Component, type ReactNode, StrictMode, useEffect, useRef, useState, version } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Application, failure, gate, newInvitation, startApplication, zoe } from '../../browser/test/server.ts';
import { watchListeners } from './dom.ts';

let application: Application;
beforeAll(async () => {
  application = await startApplication();
});
afterAll(() => application.close());

let root: Root;
let element: HTMLElement;
let logged: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  application.reset();
  element = document.createElement('main');
  root = createRoot(element);
  logged = vi.spyOn(console, 'error');
});
afterEach(async () => {
  await unmount();
  expect(logged).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

let committed = 0;
function Committed({ count }: { count: number }) {
  useEffect(() => {
    committed = count;
  });
  return null;
}
const until = (condition: () => unknown) => vi.waitUntil(condition, { timeout: 20_000, interval: 5 });
/** Runs `what` and waits for the rendering that follows: React renders the change of a store before the next task. */
const act = async <Result,>(what: () => Result | Promise<Result>): Promise<Result> => {
  const result = await what();
  await new Promise((resolve) => setImmediate(resolve));
  return result;
};
const render = async (children: ReactNode, config: VortexConfig = {}) => {
  const count = committed + 1;
  root.render(
    <StrictMode>
      <VortexProvider config={{ apiBaseUrl: application.url, ...config }}>{children}</VortexProvider>
      <Committed count={count} />
    </StrictMode>,
  );
  await until(() => committed === count);
};
const unmount = () => act(() => root.unmount());

let vortex: VortexContextValue & VortexJwt;
let invitations: Invitations;
let renders = 0;
function Probe() {
  vortex = { ...useVortex(), ...useVortexJWT() };
  invitations = useInvitations();
  renders += 1;
  return <p>{vortex.isLoading ? 'loading' : (vortex.user?.name ?? vortex.error?.code ?? 'signed out')}</p>;
}
/** Fetches the token as applications do. */
function AskOnMount() {
  const { refreshJwt } = useVortexAuth();
  useEffect(() => {
    void refreshJwt();
  }, [refreshJwt]);
  return <Probe />;
}

function AskOnce() {
  const { refreshJwt } = useVortexAuth();
  const hasAsked = useRef(false);
  useEffect(() => {
    if (hasAsked.current) return;
    hasAsked.current = true;
    void refreshJwt();
  }, [refreshJwt]);
  return <Probe />;
}
const withoutToken: unknown[] = [];
function ReadsNoToken() {
  withoutToken.push(useInvitations());
  return null;
}
const values: unknown[][] = [];
function ReadsAll() {
  values.push([useVortexAuth(), useVortexJWT(), useInvitations(), useVortexClient()]);
  return null;
}
let closeDialog: () => void;
let inDialog: Invitations;
function Dialog() {
  inDialog = useInvitations();
  return null;
}
function Page() {
  const [isOpen, setOpen] = useState(true);
  closeDialog = () => setOpen(false);
  return isOpen ? <Dialog /> : <Probe />;
}
const caught: string[] = [];
class Boundary extends Component<{ children: ReactNode }> {
  override state = { hasFailed: false };
  static getDerivedStateFromError = () => ({ hasFailed: true });
  override componentDidCatch = (error: Error) => caught.push(error.message);
  override render = () => (this.state.hasFailed ? null : this.props.children);
}

describe(`React ${version.split('.')[0]}`, () => {
  test('the tests run on the React version of their project', () => {
    expect(version.split('.')[0]).toBe(process.env.REACT ?? '19');
  });

  describe('the token', () => {
    test('the token is not fetched until refreshJwt is called', async () => {
      await render(<Probe />);
      expect(element.textContent).toBe('signed out');
      expect(vortex).toMatchObject({ jwt: null, user: null, isAuthenticated: false, isLoading: false, error: null });
      expect(vortex.isExpiringSoon()).toBe(true);
      expect(application.requests).toEqual([]);
    });

    test('names with characters beyond ASCII are decoded correctly', async () => {
      const onJwtRefresh = vi.fn();
      await render(<AskOnMount />, { onJwtRefresh });
      await until(() => vortex.isAuthenticated);
      expect(element.textContent).toBe(zoe.name);
      expect(vortex.user).toEqual({
        userId: zoe.id,
        userEmail: zoe.email,
        name: zoe.name,
        identifiers: [{ type: 'email', value: zoe.email }],
      });
      expect(onJwtRefresh).toHaveBeenCalledExactlyOnceWith(vortex.jwt);
      expect(vortex.isExpiringSoon()).toBe(false);
      expect(vortex.isExpiringSoon(60)).toBe(true);
    });

    test.each(['jwt', 'token'] as const)('user is read from a token of the format %s', async (format) => {
      application.user = { id: 77, email: 'ben@orchard.example', adminScopes: ['autojoin'] };
      application.jwt = { format };
      await render(<AskOnMount />, { defaultGroups: [{ type: 'team', id: 't1', name: 'Team' }] });
      await until(() => vortex.isAuthenticated);
      expect(vortex.user).toMatchObject({
        userId: '77',
        userEmail: 'ben@orchard.example',
        adminScopes: ['autojoin'],
        groups: [{ type: 'team', id: 't1', name: 'Team' }],
      });
      expect(vortex.isExpiringSoon()).toBe(false);
    });

    test('concurrent callers share one request', async () => {
      await render(<Probe />);
      await act(() => Promise.all([vortex.refreshJwt(), vortex.refreshJwt(), vortex.refreshIfNeeded()]));
      expect(application.requests).toEqual(['POST /jwt']);
      await act(() => vortex.refreshIfNeeded());
      expect(application.requests).toHaveLength(1);
      await act(() => vortex.refreshIfNeeded(60));
      expect(application.requests).toHaveLength(2);
    });

    test('a signed-out caller gets UNAUTHENTICATED and no retry', async () => {
      application.user = null;
      const onError = vi.fn();
      await render(<AskOnMount />, { onError, jwtBackoff: { initialDelayMs: 1 } });
      await until(() => vortex.error);
      expect(vortex.error).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
      expect(element.textContent).toBe('UNAUTHENTICATED');
      expect(onError).toHaveBeenCalledExactlyOnceWith(vortex.error);
      const { length } = application.requests;

      application.user = zoe;
      await act(() => vortex.refreshJwt());
      expect(element.textContent).toBe(zoe.name);
      expect(application.requests).toHaveLength(length + 1);
    });

    test('a failing server is asked again until the retries run out', async () => {
      application.instead = (_, response) => response.status(500).send('<html>');
      await render(<Probe />, { jwtBackoff: { initialDelayMs: 1, maxRetries: 3 } });
      await act(() => vortex.refreshJwt());
      await until(() => vortex.error);
      expect(application.requests).toHaveLength(4);
      expect(vortex.error).toMatchObject({ code: 'BAD_RESPONSE', status: 500 });
    });

    test('clearAuth discards the token and the user', async () => {
      await render(<AskOnMount />);
      await until(() => vortex.isAuthenticated);
      await act(async () => vortex.clearAuth());
      expect(vortex).toMatchObject({ jwt: null, user: null, isAuthenticated: false });
    });

    test('only the token is fetched from backendApiUrl', async () => {
      await render(<AskOnMount />, { apiBaseUrl: `${application.url}/nowhere`, backendApiUrl: application.url });
      await until(() => vortex.isAuthenticated);
      await act(() => failure(invitations.getInvitation('i')));
      expect(new Set(application.requests)).toContain('GET /nowhere/invitations/i');
    });

    test('a client in the config is used in place of apiBaseUrl', async () => {
      const client = new VortexBackend({ baseUrl: application.url, headers: { 'x-tenant': 't' } });
      await render(<AskOnMount />, { apiBaseUrl: 'http://127.0.0.1:1', client });
      await until(() => vortex.isAuthenticated);
    });
  });

  describe('a second render', () => {
    test('a refreshed token renders only the components that read the token', async () => {
      await render(
        <>
          <Probe />
          <ReadsNoToken />
        </>,
      );
      await act(() => vortex.refreshJwt());
      const { jwt } = vortex;
      const before = withoutToken.length;
      application.user = { ...zoe, name: 'Another name' };
      await act(() => vortex.refreshJwt());
      expect(vortex.jwt).not.toBe(jwt);
      expect(withoutToken).toHaveLength(before);
    });

    test('the values of the hooks stay the same objects until their content changes', async () => {
      values.length = 0;
      await render(<ReadsAll />);
      await render(<ReadsAll />);
      expect(values.length).toBeGreaterThan(2);
      for (const [index, value] of (values.at(-1) ?? []).entries()) expect(value).toBe(values[1]?.[index]);
    });

    test('a new config object keeps the functions the same and replaces the callbacks', async () => {
      const first = vi.fn();
      const second = vi.fn();
      await render(<Probe />, { onJwtRefresh: first, onError: first });
      const { refreshJwt, clearAuth, isExpiringSoon, refreshIfNeeded } = vortex;
      const { revokeInvitation, clearError } = invitations;
      await render(<Probe />, { onJwtRefresh: second, onError: second });
      expect(vortex).toMatchObject({ refreshJwt, clearAuth, isExpiringSoon, refreshIfNeeded });
      expect(invitations).toMatchObject({ revokeInvitation, clearError });
      await act(() => refreshJwt());
      await act(() => failure(revokeInvitation('..')));
      expect([first, second].map((spy) => spy.mock.calls.length)).toEqual([0, 2]);
    });

    test('a new apiBaseUrl discards the token', async () => {
      await render(<AskOnMount />);
      await until(() => vortex.isAuthenticated);
      await render(<Probe />, { apiBaseUrl: 'http://127.0.0.1:1' });
      expect(vortex.isAuthenticated).toBe(false);
    });
  });

  describe('StrictMode and unmounting', () => {
    test('a component that calls refreshJwt only in its first effect gets a token', async () => {
      await render(<AskOnce />);
      await until(() => vortex.isAuthenticated);
    });

    test('the double mount of StrictMode aborts the first token request and finishes the second', async () => {
      const signals: (AbortSignal | null | undefined)[] = [];
      const watched: typeof fetch = (input, init) => {
        signals.push(init?.signal);
        return fetch(input, init);
      };
      const client = new VortexBackend({ baseUrl: application.url, fetch: watched });
      await render(<AskOnMount />, { client });
      await until(() => vortex.isAuthenticated);
      expect(signals.map((signal) => signal?.aborted)).toEqual([true, false]);
    });

    test('unmounting the provider aborts its requests and removes its timer and listeners', async () => {
      const listeners = watchListeners();
      const set = vi.spyOn(globalThis, 'setTimeout');
      const clear = vi.spyOn(globalThis, 'clearTimeout');
      await render(<AskOnMount />);
      await until(() => vortex.isAuthenticated);
      expect(listeners.names()).toEqual(['document visibilitychange', 'window offline', 'window online']);
      // The token is not due yet, so the timer has the longest delay.
      const refresh = set.mock.results.filter((_, call) => set.mock.calls[call]?.[1] === 60_000).at(-1)?.value;
      expect(refresh).toBeDefined();

      application.instead = () => {};
      const refreshing = vortex.refreshJwt();
      const reading = failure(invitations.getInvitationsByScope('team', 't1'));
      const readingOfAll = failure(vortex.getInvitation('i'));
      await until(() => application.requests.filter((request) => request.startsWith('GET')).length === 2);
      const before = renders;
      await unmount();
      await refreshing;
      expect(await reading).toMatchObject({ code: 'ABORTED' });
      expect(await readingOfAll).toMatchObject({ code: 'ABORTED' });
      const wereAborted = () => application.requests.slice(-3).every((one) => one.endsWith('(aborted)'));
      await expect.poll(wereAborted, { timeout: 20_000 }).toBe(true);
      expect(listeners.names()).toEqual([]);
      expect(clear.mock.calls.flat()).toContain(refresh);
      expect(renders).toBe(before);
      listeners.restore();
    });

    test('unmounting a component aborts its reads and lets its writes finish', async () => {
      await render(<Page />);
      const { id } = await inDialog.createInvitation(newInvitation(zoe.email));
      const held = gate();
      application.instead = (request, response) => {
        if (request.method === 'GET') return;
        void held.opened.then(() => response.json({ id }));
      };
      const reading = failure(inDialog.getInvitation(id));
      const accepting = inDialog.acceptInvitations([id]);
      await act(() => closeDialog());
      expect(await reading).toMatchObject({ code: 'ABORTED' });
      held.open();
      expect(await accepting).toMatchObject({ id });
    });
  });

  describe('useInvitations', () => {
    test('an invitation can be created, listed and revoked', async () => {
      await render(<Probe />);
      const { id } = await act(() => invitations.createInvitation(newInvitation('ben@orchard.example')));
      const list = () => act(() => invitations.getInvitationsByTarget('email', 'ben@orchard.example'));
      expect(await list()).toMatchObject([{ id }]);
      expect(await act(() => invitations.getInvitationsByScope('team', 't1'))).toMatchObject([{ id }]);
      expect(await act(() => invitations.revokeInvitation(id))).toBeUndefined();
      expect(await list()).toEqual([]);
      expect(await act(() => invitations.getAutojoinDomains('team', 't1'))).toMatchObject({ autojoinDomains: [] });
    });

    test('loading and errors follow each call by its key', async () => {
      const onError = vi.fn();
      const held = gate();
      application.instead = (_, response) => {
        void held.opened.then(() => response.status(404).json({ error: 'Not found.', code: 'NOT_FOUND' }));
      };
      await render(<Probe />, { onError });
      const revoking = failure(invitations.revokeInvitation('i'));
      await act(async () => {});
      expect(invitations.loading).toEqual({ 'revoke-i': true });
      expect(invitations.isLoading('revoke-i')).toBe(true);
      expect(invitations.isLoading('revoke-j')).toBe(false);

      held.open();
      const error = await act(() => revoking);
      expect(error).toMatchObject({ code: 'NOT_FOUND', message: 'Not found.' });
      expect(invitations.isLoading('revoke-i')).toBe(false);
      expect(invitations.getError('revoke-i')).toBe(error);
      expect(invitations.errors).toEqual({ 'revoke-i': error });
      expect(onError).toHaveBeenCalledExactlyOnceWith(error);

      await act(async () => invitations.clearError('revoke-i'));
      expect(invitations.getError('revoke-i')).toBeNull();
    });

    test.each<[string, (use: Invitations) => Promise<unknown>]>([
      ['getByTarget-email-a@b.example', (use) => use.getInvitationsByTarget('email', 'a@b.example')],
      ['get-i', (use) => use.getInvitation('i')],
      ['revoke-i', (use) => use.revokeInvitation('i')],
      ['accept-i,j', (use) => use.acceptInvitations(['i', 'j'], { type: 'email', value: 'a@b.example' })],
      ['getByGroup-team-t', (use) => use.getInvitationsByGroup('team', 't')],
      ['deleteByGroup-team-t', (use) => use.deleteInvitationsByGroup('team', 't')],
      ['reinvite-i', (use) => use.reinvite('i')],
      ['getByScope-team-t', (use) => use.getInvitationsByScope('team', 't')],
      ['deleteByScope-team-t', (use) => use.deleteInvitationsByScope('team', 't')],
      ['create-a@b.example', (use) => use.createInvitation(newInvitation('a@b.example'))],
      ['getAutojoin-team-t', (use) => use.getAutojoinDomains('team', 't')],
      [
        'configureAutojoin-team-t',
        (use) => use.configureAutojoin({ scopeType: 'team', scope: 't', domains: [], componentId: 'c' }),
      ],
      [
        'sync-u',
        (use) => use.syncInternalInvitation({ creatorId: 'c', targetValue: 'u', action: 'declined', componentId: 'c' }),
      ],
    ])('a failed call sets the error with the key %s', async (key, call) => {
      application.instead = (_, response) => response.status(503).json({ error: 'Later.', code: 'OVERLOADED' });
      await render(<Probe />);
      await act(() => failure(call(invitations)));
      expect(Object.keys(invitations.errors)).toEqual([key]);
    });

    test('a call that a later one replaced does not change loading or errors', async () => {
      const answers: ((status: number) => void)[] = [];
      application.instead = (_, response) => {
        answers.push((status) => response.status(status).json({ error: 'No.', code: 'NOT_FOUND' }));
      };
      await render(<Probe />);
      const early = failure(invitations.getInvitation('i'));
      await until(() => answers.length === 1);
      const late = invitations.getInvitation('i');
      await until(() => answers.length === 2);
      answers[0]?.(404);
      await act(() => early);
      expect(invitations.isLoading('get-i')).toBe(true);
      expect(invitations.errors).toEqual({});
      answers[1]?.(200);
      await act(() => late);
      expect(invitations.loading).toEqual({});
    });

    test('a wrong argument from JavaScript rejects and does not throw', async () => {
      await render(<Probe />);
      const wrong = undefined as never;
      const calls = () => [
        invitations.acceptInvitations(wrong),
        invitations.createInvitation(wrong),
        invitations.configureAutojoin(wrong),
        invitations.syncInternalInvitation(wrong),
        vortex.acceptInvitations(wrong),
        invitations.getInvitation(wrong),
        invitations.revokeInvitation(wrong),
      ];
      const settled = await act(() => Promise.allSettled(calls()));
      expect(settled.map(({ status }) => status)).toEqual(settled.map(() => 'rejected'));
    });

    test('reads and the token work in a browser without AbortSignal.any and AbortSignal.timeout', async () => {
      const { any, timeout } = AbortSignal;
      Object.assign(AbortSignal, { any: undefined, timeout: undefined });
      try {
        await render(<Probe />);
        expect(await act(() => invitations.getInvitationsByTarget('email', zoe.email))).toEqual([]);
        await act(() => vortex.refreshJwt());
        expect(vortex.user?.name).toBe(zoe.name);
      } finally {
        Object.assign(AbortSignal, { any, timeout });
      }
    });

    test('a call that its caller aborts leaves no error', async () => {
      application.instead = () => {};
      const onError = vi.fn();
      await render(<Probe />, { onError });
      const leaving = new AbortController();
      const reading = failure(invitations.getInvitation('i', leaving));
      await act(async () => {});
      expect(invitations.isLoading('get-i')).toBe(true);
      leaving.abort();
      expect(await act(() => reading)).toMatchObject({ code: 'ABORTED' });
      expect(invitations.isLoading('get-i')).toBe(false);
      expect(invitations.errors).toEqual({});
      expect(onError).not.toHaveBeenCalled();
    });
  });
});

test('a provider with a misspelt option throws an error that names it and the options', async () => {
  logged.mockImplementation(() => {});
  const config = { apiBaseURL: '/api/vortex' } as VortexConfig;
  root.render(
    <Boundary>
      <VortexProvider config={config}>{null}</VortexProvider>
    </Boundary>,
  );
  await until(() => caught.length > 0);
  expect(caught.splice(0)).toEqual([
    expect.stringMatching(/^VortexProvider has no option "apiBaseURL"\. Its options are apiBaseUrl, /u),
  ]);
  logged.mockClear();
});

test('a hook without a provider throws an error that names VortexProvider', async () => {
  logged.mockImplementation(() => {});
  root.render(
    <Boundary>
      <Probe />
    </Boundary>,
  );
  await until(() => caught.length > 0);
  expect(caught).toEqual([
    'The hooks of @vortex/react need a <VortexProvider>. Render one above the component that calls them.',
  ]);
  logged.mockClear();
});
