/** Tests when a token is fetched, with a fake clock and scripted answers. The hooks' tests use a real server. */
import { type JwtContext, VortexRequestError } from '@vortex/browser';
import { TokenKeeper, type TokenKeeperOptions } from '@vortex/browser/token';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
let issued = 0;
/** Makes a token with the given lifetime, from a server whose clock is off by `skew`, both in milliseconds. */
const tokenFor = (lifetime: number, skew = 0) => {
  const iat = Math.floor((Date.now() + skew) / SECOND);
  return `${part({ alg: 'HS256', iat })}.${part({ userId: `u-${++issued}`, expires: iat + lifetime / SECOND })}.s`;
};
const failing = (status: number, more: { retryAfter?: number } = {}) =>
  new VortexRequestError(status === 0 ? 'NETWORK_ERROR' : 'INTERNAL', 'It failed.', { status, ...more });

class Page extends EventTarget {
  visibilityState = 'visible';
}
let document: Page;
let window: EventTarget;
let navigator: { onLine: boolean };
const setVisible = (isVisible: boolean) => {
  document.visibilityState = isVisible ? 'visible' : 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
};
const setOnline = (isOnline: boolean) => {
  navigator.onLine = isOnline;
  window.dispatchEvent(new Event(isOnline ? 'online' : 'offline'));
};

/** The server's answers, one for each call. The last one is repeated. */
let answers: (() => string | Error | Promise<string>)[];
const requests: { at: number; context: unknown; signal: AbortSignal }[] = [];
const script = (...next: typeof answers) => {
  answers = next;
};
let stop = () => {};

function keep(options: TokenKeeperOptions = {}): TokenKeeper {
  const begin = Date.now();
  const keeper = new TokenKeeper(async (context, { signal }) => {
    requests.push({ at: Date.now() - begin, context, signal: signal as AbortSignal });
    const answer = await (answers.length > 1 ? answers.shift() : answers[0])?.();
    if (typeof answer === 'string') return answer;
    throw answer;
  }, options);
  stop = keeper.start();
  return keeper;
}
/** Asks for a token and lets the first attempt end, without waiting for the retries. */
const ask = async (keeper: TokenKeeper, context?: JwtContext) => {
  void keeper.refresh(context);
  await vi.advanceTimersByTimeAsync(0);
};
const times = () => requests.map(({ at }) => at);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  vi.spyOn(Math, 'random').mockReturnValue(0);
  document = new Page();
  window = new EventTarget();
  navigator = { onLine: true };
  vi.stubGlobal('document', document);
  vi.stubGlobal('window', window);
  vi.stubGlobal('navigator', navigator);
  requests.length = 0;
  script(() => tokenFor(60 * MINUTE));
});
afterEach(() => {
  stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('the schedule', () => {
  test('no token is fetched before refresh is called', async () => {
    keep({ refreshJwtInterval: MINUTE });
    await vi.advanceTimersByTimeAsync(DAY);
    expect(requests).toEqual([]);
  });

  test.each<[string, number, TokenKeeperOptions, number]>([
    ['a token valid for an hour is refreshed after 51 minutes', 60 * MINUTE, {}, 51 * MINUTE],
    ['a token valid for five minutes is refreshed after 255 seconds', 5 * MINUTE, {}, 255 * SECOND],
    ['a token valid for 30 days is refreshed after 25.5 days, beyond the longest timer', 30 * DAY, {}, 25.5 * DAY],
    ['a token valid for two seconds is refreshed after five seconds', 2 * SECOND, {}, 5 * SECOND],
    ['a token that arrives expired is refreshed after five seconds', -60 * SECOND, {}, 5 * SECOND],
    [
      'a refreshJwtInterval below the lifetime sets the time of the refresh',
      60 * MINUTE,
      { refreshJwtInterval: 10 * MINUTE },
      10 * MINUTE,
    ],
    [
      'a refreshJwtInterval above the lifetime does not delay the refresh',
      60 * MINUTE,
      { refreshJwtInterval: 90 * MINUTE },
      51 * MINUTE,
    ],
  ])('%s', async (_, lifetime, options, next) => {
    script(() => tokenFor(lifetime));
    const keeper = keep(options);
    await keeper.refresh();
    await vi.advanceTimersByTimeAsync(next - 1);
    expect(times()).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(times()).toEqual([0, next]);
    await vi.advanceTimersByTimeAsync(next);
    expect(times()).toEqual([0, next, 2 * next]);
  });

  test('refreshJwtInterval 0 turns automatic refreshes off', async () => {
    const keeper = keep({ refreshJwtInterval: 0 });
    await keeper.refresh();
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0]);
  });

  test.each([-DAY, DAY])('a browser clock that is off by %i ms does not change the time of a refresh', async (skew) => {
    script(() => tokenFor(60 * MINUTE, skew));
    const keeper = keep();
    await keeper.refresh();
    expect(keeper.expiresWithin(59 * MINUTE)).toBe(false);
    expect(keeper.expiresWithin(60 * MINUTE)).toBe(true);
    await vi.advanceTimersByTimeAsync(51 * MINUTE);
    expect(times()).toEqual([0, 51 * MINUTE]);
  });

  test('an unreadable token sets the error and is kept until refreshJwtInterval has passed', async () => {
    script(() => 'opaque');
    const keeper = keep();
    await keeper.refresh();
    expect(keeper.getState()).toMatchObject({ jwt: 'opaque', user: null, error: { code: 'BAD_RESPONSE' } });
    expect(keeper.expiresWithin(0)).toBe(true);
    await vi.advanceTimersByTimeAsync(DAY);
    setVisible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(times()).toEqual([0]);
    keeper.configure({ refreshJwtInterval: 2 * DAY });
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0, 2 * DAY]);
  });

  test('an automatic refresh repeats the context and does not set isLoading', async () => {
    const keeper = keep();
    await keeper.refresh({ componentId: 'c' });
    let isLoading = false;
    keeper.subscribe(() => {
      isLoading ||= keeper.getState().isLoading;
    });
    await vi.advanceTimersByTimeAsync(51 * MINUTE);
    expect(isLoading).toBe(false);
    await keeper.refresh();
    expect(requests.map(({ context }) => context)).toEqual(Array(3).fill({ componentId: 'c' }));
    expect(isLoading).toBe(true);
  });
});

describe('a hidden or offline page', () => {
  const leaveAndReturn: [string, (isHere: boolean) => void][] = [
    ['hidden', setVisible],
    ['offline', setOnline],
  ];

  test.each(leaveAndReturn)('a page that is %s waits with a due refresh until it returns', async (_, setHere) => {
    const keeper = keep();
    await keeper.refresh();
    setHere(false);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0]);
    setHere(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(times()).toEqual([0, DAY]);
  });

  test.each(leaveAndReturn)('a page that was %s keeps the time of its next refresh', async (_, setHere) => {
    const keeper = keep();
    await keeper.refresh();
    setHere(false);
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    setHere(true);
    await vi.advanceTimersByTimeAsync(41 * MINUTE - 1);
    expect(times()).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(times()).toEqual([0, 51 * MINUTE]);
  });

  test.each(leaveAndReturn)('the retry of an automatic refresh waits while the page is %s', async (_, setHere) => {
    script(
      () => tokenFor(60 * MINUTE),
      () => failing(0),
    );
    const keeper = keep();
    await keeper.refresh();
    await vi.advanceTimersByTimeAsync(51 * MINUTE);
    setHere(false);
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0, 51 * MINUTE]);
    script(() => tokenFor(60 * MINUTE));
    setHere(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(times()).toHaveLength(3);
  });

  test('refresh resolves on a hidden page too, since its retries go on', async () => {
    script(
      () => failing(0),
      () => tokenFor(60 * MINUTE),
    );
    setVisible(false);
    const refreshed = keep().refresh();
    await vi.advanceTimersByTimeAsync(SECOND);
    await refreshed;
    expect(times()).toEqual([0, SECOND]);
  });

  test('if the retries of refresh run out on a hidden page, they start again when it becomes visible', async () => {
    script(() => failing(0));
    setVisible(false);
    const keeper = keep({ jwtBackoff: { maxRetries: 1 } });
    const refreshed = keeper.refresh();
    await vi.advanceTimersByTimeAsync(SECOND);
    await refreshed;
    expect(keeper.getState()).toMatchObject({ isLoading: false, error: { code: 'NETWORK_ERROR' } });
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0, SECOND]);
    script(() => tokenFor(60 * MINUTE));
    setVisible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.getState()).toMatchObject({ error: null, user: {} });
  });

  test.each<[string, () => void, number]>([
    ['while the browser is offline', () => setOnline(false), 1],
    ['before the browser goes offline, at the next retry', () => {}, 2],
  ])('refresh that fails %s resolves with the error, and is sent again once online', async (_, before, attempts) => {
    script(() => failing(0));
    const onError = vi.fn();
    const keeper = keep({ onError });
    before();
    const refreshed = keeper.refresh();
    await vi.advanceTimersByTimeAsync(0);
    setOnline(false);
    await vi.advanceTimersByTimeAsync(SECOND);
    await refreshed;
    expect(keeper.getState()).toMatchObject({ isLoading: false, error: { code: 'NETWORK_ERROR' } });
    expect(onError).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toHaveLength(attempts);
    script(() => tokenFor(60 * MINUTE));
    setOnline(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.getState()).toMatchObject({ isLoading: false, error: null, user: {} });
  });

  test('a page that is hidden and offline refreshes only once it is visible and online', async () => {
    const keeper = keep();
    await keeper.refresh();
    setVisible(false);
    setOnline(false);
    await vi.advanceTimersByTimeAsync(DAY);
    setVisible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(times()).toEqual([0]);
    setOnline(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(times()).toEqual([0, DAY]);
  });

  test('refresh fetches a token even while the page is hidden', async () => {
    setVisible(false);
    await keep().refresh();
    expect(times()).toEqual([0]);
  });

  test('a token that expired while the computer slept is refreshed on waking', async () => {
    const keeper = keep();
    await keeper.refresh();
    vi.setSystemTime(Date.now() + DAY);
    expect(times()).toEqual([0]);
    setVisible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(times()).toHaveLength(2);
  });
});

describe('a clock that jumps', () => {
  const HOUR = 60 * MINUTE;

  // `setSystemTime` changes the wall clock only: neither `performance.now()` nor a timer notices it.
  test('a token is refreshed in time although the wall clock goes back an hour', async () => {
    const keeper = keep();
    await keeper.refresh();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    vi.setSystemTime(Date.now() - HOUR);
    await vi.advanceTimersByTimeAsync(41 * MINUTE - 1);
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests).toHaveLength(2);
  });

  test('without performance.now(), a wall clock that goes back an hour delays the refresh by a minute at most', async () => {
    vi.stubGlobal('performance', undefined);
    const keeper = keep();
    await keeper.refresh();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    vi.setSystemTime(Date.now() - HOUR);
    await vi.advanceTimersByTimeAsync(42 * MINUTE);
    expect(requests).toHaveLength(2);
  });

  test('a token that expired since the wall clock went back is not taken for a valid one', async () => {
    const keeper = keep({ refreshJwtInterval: 0 });
    await keeper.refresh();
    setVisible(false);
    vi.setSystemTime(Date.now() - HOUR);
    await vi.advanceTimersByTimeAsync(59 * MINUTE);
    expect(keeper.expiresWithin(0)).toBe(false);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(keeper.expiresWithin(0)).toBe(true);
  });

  test.each([-HOUR, HOUR])(
    'after a jump of the wall clock by %i ms, refreshes follow the lifetime again',
    async (jump) => {
      const keeper = keep();
      await keeper.refresh();
      vi.setSystemTime(Date.now() + jump);
      await keeper.refresh();
      await vi.advanceTimersByTimeAsync(51 * MINUTE - 1);
      expect(requests).toHaveLength(2);
      await vi.advanceTimersByTimeAsync(1);
      expect(requests).toHaveLength(3);
    },
  );

  test('a Retry-After is waited for once, although the wall clock goes back an hour', async () => {
    script(
      () => failing(429, { retryAfter: 30 }),
      () => tokenFor(HOUR),
    );
    await ask(keep());
    vi.setSystemTime(Date.now() - HOUR);
    await vi.advanceTimersByTimeAsync(30 * SECOND - 1);
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests).toHaveLength(2);
  });

  // During sleep, the wall clock goes on while timers and `performance.now()` stand still.
  test('a visible page refreshes a token that expired during sleep within a minute of waking', async () => {
    const keeper = keep();
    await keeper.refresh();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    vi.setSystemTime(Date.now() + HOUR);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(requests).toHaveLength(2);
  });

  test('the sleep counts although the wall clock went back an hour before it', async () => {
    const keeper = keep();
    await keeper.refresh();
    vi.setSystemTime(Date.now() - HOUR);
    await vi.advanceTimersByTimeAsync(MINUTE);
    vi.setSystemTime(Date.now() + HOUR);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(requests).toHaveLength(2);
  });
});

describe('failures', () => {
  test.each<[string, TokenKeeperOptions['jwtBackoff'], number, number[]]>([
    ['the default delays double for five retries', undefined, 0, [1, 2, 4, 8, 16]],
    ['the delays grow to a maximum of one minute', { maxRetries: 8 }, 0, [1, 2, 4, 8, 16, 32, 60, 60]],
    [
      'every option of jwtBackoff applies',
      { initialDelayMs: 3000, multiplier: 3, maxDelayMs: 20_000, maxRetries: 4 },
      0,
      [3, 9, 20, 20],
    ],
    ['maxRetries 0 means no retry', { maxRetries: 0 }, 0, []],
    ['a delay is shortened at random by up to half', undefined, 0.5, [0.75, 1.5, 3, 6, 12]],
  ])('%s', async (_, jwtBackoff, random, delays) => {
    vi.mocked(Math.random).mockReturnValue(random);
    script(() => failing(503));
    const onError = vi.fn();
    const keeper = keep({ jwtBackoff, onError });
    await ask(keeper);
    let at = 0;
    const expected = [0];
    for (const delay of delays) {
      expect(keeper.getState()).toMatchObject({ isLoading: true, error: null });
      expect(onError).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(delay * SECOND - 1);
      expect(times()).toEqual(expected);
      await vi.advanceTimersByTimeAsync(1);
      at += delay * SECOND;
      expected.push(at);
      expect(times()).toEqual(expected);
    }
    expect(keeper.getState()).toMatchObject({ isLoading: false, error: { status: 503 } });
    expect(onError).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual(expected);
  });

  test('a Retry-After that is longer than the delay is respected', async () => {
    script(
      () => failing(429, { retryAfter: 30 }),
      () => tokenFor(60 * MINUTE),
    );
    await ask(keep());
    await vi.advanceTimersByTimeAsync(30 * SECOND);
    expect(times()).toEqual([0, 30 * SECOND]);
  });

  test('a Retry-After of more than a minute is an error at once, and the retry comes when it has passed', async () => {
    script(
      () => failing(429, { retryAfter: 3600 }),
      () => tokenFor(60 * MINUTE),
    );
    const keeper = keep();
    await keeper.refresh();
    expect(keeper.getState()).toMatchObject({ isLoading: false, error: { status: 429 } });
    setVisible(false);
    setVisible(true);
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(times()).toEqual([0, 60 * MINUTE]);
    expect(keeper.getState()).toMatchObject({ error: null, user: {} });
  });

  test('a success resets the delays', async () => {
    script(
      () => failing(500),
      () => failing(500),
      () => tokenFor(60 * MINUTE),
      () => failing(500),
    );
    await ask(keep());
    await vi.advanceTimersByTimeAsync(3 * SECOND + 51 * MINUTE);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(times()).toEqual([0, 1, 3, 3 + 51 * 60, 4 + 51 * 60].map((second) => second * SECOND));
  });

  test('a failed refresh keeps the current token', async () => {
    script(
      () => tokenFor(60 * MINUTE),
      () => failing(500),
    );
    const keeper = keep();
    await keeper.refresh();
    const { jwt } = keeper.getState();
    await vi.advanceTimersByTimeAsync(52 * MINUTE);
    expect(keeper.getState()).toMatchObject({ jwt, user: {}, isLoading: false, error: { status: 500 } });
  });

  test.each([401, 403])('status %i discards the token and is not retried until refresh is called', async (status) => {
    script(
      () => tokenFor(60 * MINUTE),
      () => failing(status),
    );
    const onError = vi.fn();
    const keeper = keep({ onError });
    await keeper.refresh();
    await vi.advanceTimersByTimeAsync(51 * MINUTE);
    expect(keeper.getState()).toMatchObject({ jwt: null, user: null, isLoading: false, error: { status } });
    expect(onError).toHaveBeenCalledOnce();
    setVisible(false);
    setVisible(true);
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0, 51 * MINUTE]);

    script(() => tokenFor(60 * MINUTE));
    await keeper.refresh();
    expect(keeper.getState()).toMatchObject({ error: null, user: {} });
  });

  test('a failed refresh for another context discards the token of the last one', async () => {
    script(
      () => tokenFor(60 * MINUTE),
      () => failing(404),
    );
    const keeper = keep();
    await keeper.refresh({ scope: 'a' });
    await keeper.refresh({ scope: 'b' });
    expect(keeper.getState()).toMatchObject({ jwt: null, user: null, isLoading: false, error: { status: 404 } });
  });

  test('a failure that no retry can mend is an error at once', async () => {
    script(() => new VortexRequestError('UNSUPPORTED', 'It failed.'));
    const keeper = keep();
    await keeper.refresh();
    expect(keeper.getState()).toMatchObject({ isLoading: false, error: { code: 'UNSUPPORTED' } });
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0]);
  });

  test.each([400, 404])('status %i is not retried', async (status) => {
    script(() => failing(status));
    await keep().refresh();
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0]);
  });

  test('retries that ran out start again when the page becomes visible', async () => {
    script(() => failing(0));
    const keeper = keep({ jwtBackoff: { maxRetries: 1 } });
    await ask(keeper);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(keeper.getState().error).not.toBeNull();
    setVisible(false);
    await vi.advanceTimersByTimeAsync(MINUTE);
    script(() => tokenFor(60 * MINUTE));
    setVisible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.getState()).toMatchObject({ error: null, user: {} });
  });

  test('an error that a callback or a subscriber throws does not fail the refresh', async () => {
    const thrown: unknown[] = [];
    vi.stubGlobal('queueMicrotask', (job: () => void) => {
      try {
        job();
      } catch (error) {
        thrown.push(error);
      }
    });
    const broken = new Error('broken');
    const keeper = keep({
      onJwtRefresh: () => {
        throw broken;
      },
    });
    await keeper.refresh();
    expect(keeper.getState()).toMatchObject({ error: null, user: {} });
    expect(thrown).toEqual([broken]);
    keeper.subscribe(() => {
      throw broken;
    });
    await keeper.refresh();
    expect(keeper.getState()).toMatchObject({ isLoading: false, error: null });
    expect(thrown).toEqual([broken, broken, broken, broken]);
  });
});

describe('concurrent callers', () => {
  test('callers with the same context share one request', async () => {
    const onJwtRefresh = vi.fn();
    const keeper = keep({ onJwtRefresh });
    await Promise.all([
      keeper.refresh(),
      keeper.refresh(),
      keeper.refresh({ scope: 's' }),
      keeper.refresh({ scope: 's' }),
    ]);
    expect(requests).toHaveLength(2);
    expect(onJwtRefresh).toHaveBeenCalledOnce();
  });

  test('another context replaces the request under way, and earlier callers get its token', async () => {
    let answerFirst = (_: string) => {};
    script(
      () => new Promise((resolve) => (answerFirst = resolve)),
      () => tokenFor(60 * MINUTE),
    );
    const keeper = keep();
    const first = keeper.refresh({ scope: 'a' });
    const second = keeper.refresh({ scope: 'b' });
    expect(requests[0]?.signal.aborted).toBe(true);
    // The answer to the replaced request is ignored, even if it arrives.
    answerFirst('late');
    await Promise.all([first, second]);
    expect(keeper.getState().jwt).not.toBe('late');
    expect(requests.map(({ context }) => context)).toMatchObject([{ scope: 'a' }, { scope: 'b' }]);
  });

  const click = new Event('click');
  Object.assign(click, { itself: click });
  test.each<[string, object | null | undefined]>([
    ['no argument', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a click event', click],
  ])('refresh with %s repeats the last context', async (_, argument) => {
    const keeper = keep();
    await keeper.refresh(argument as JwtContext);
    await keeper.refresh({ scope: 's', scopeType: 'team' });
    await keeper.refresh(argument as JwtContext);
    const last = { scope: 's', scopeType: 'team' };
    expect(requests.map(({ context }) => context)).toEqual([undefined, last, last]);
  });

  test('every caller waits until the retries have brought a token or an error', async () => {
    script(
      () => failing(503),
      () => failing(503),
      () => tokenFor(60 * MINUTE),
    );
    const keeper = keep();
    const seen: unknown[] = [];
    const caller = async () => {
      await keeper.refresh();
      seen.push(keeper.getState().jwt ?? keeper.getState().error);
    };
    const callers = [caller()];
    await vi.advanceTimersByTimeAsync(SECOND - 1);
    expect(seen).toEqual([]);
    callers.push(caller());
    await vi.advanceTimersByTimeAsync(2 * SECOND);
    await Promise.all(callers);
    expect(seen).toEqual([expect.any(String), expect.any(String)]);
    script(() => failing(503));
    const last = caller();
    await vi.advanceTimersByTimeAsync(31 * SECOND);
    await last;
    expect(keeper.getState()).toMatchObject({ isLoading: false, error: { status: 503 } });
  });
});

describe('starting and stopping', () => {
  test('clear discards the token and the context and aborts the request under way', async () => {
    const keeper = keep();
    await keeper.refresh({ scope: 's' });
    const refreshing = keeper.refresh();
    keeper.clear();
    expect(requests[1]?.signal.aborted).toBe(true);
    await refreshing;
    expect(keeper.getState()).toEqual({ jwt: null, user: null, isLoading: false, error: null });
    await vi.advanceTimersByTimeAsync(DAY);
    expect(requests).toHaveLength(2);
    await keeper.refresh();
    expect(requests[2]?.context).toBeUndefined();
  });

  test('stopping clears the timer, aborts the request and removes the listeners', async () => {
    const keeper = keep();
    await keeper.refresh();
    expect(vi.getTimerCount()).toBe(1);
    const cutOff = keeper.refresh();
    stop();
    await cutOff;
    expect(vi.getTimerCount()).toBe(0);
    expect(requests[1]?.signal.aborted).toBe(true);
    setVisible(true);
    setOnline(true);
    await vi.advanceTimersByTimeAsync(DAY);
    expect(requests).toHaveLength(2);
  });

  test('before a start, and after stopping, a retryable failure is an error at once', async () => {
    script(() => failing(503));
    const keeper = keep();
    stop();
    await keeper.refresh();
    expect(keeper.getState()).toMatchObject({ jwt: null, isLoading: false, error: { status: 503 } });
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0]);
    script(() => tokenFor(60 * MINUTE));
    stop = keeper.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.getState()).toMatchObject({ error: null, user: {} });
  });

  test.each(['stopping', 'clear'])('%s ends the wait for a retry', async (end) => {
    script(() => failing(503));
    const keeper = keep();
    const waiting = keeper.refresh();
    await vi.advanceTimersByTimeAsync(SECOND / 2);
    if (end === 'clear') keeper.clear();
    else stop();
    await waiting;
    await vi.advanceTimersByTimeAsync(DAY);
    expect(times()).toEqual([0]);
  });

  test('a start after stopping continues with the retry that was waited for', async () => {
    script(
      () => failing(503),
      () => tokenFor(60 * MINUTE),
    );
    const keeper = keep();
    await ask(keeper);
    stop();
    stop = keeper.start();
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(times()).toEqual([0, SECOND]);
    expect(keeper.getState()).toMatchObject({ isLoading: false, user: {} });
  });

  test('a request that stopping aborted is sent again at the next start', async () => {
    const keeper = keep();
    void keeper.refresh({ scope: 's' });
    stop();
    stop = keeper.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(requests.map(({ context }) => context)).toMatchObject([{ scope: 's' }, { scope: 's' }]);
    expect(keeper.getState()).toMatchObject({ isLoading: false, user: {} });
  });

  test('tokens are refreshed without document and window, as in React Native', async () => {
    vi.stubGlobal('document', undefined);
    vi.stubGlobal('window', undefined);
    vi.stubGlobal('navigator', undefined);
    const keeper = keep();
    await keeper.refresh();
    await vi.advanceTimersByTimeAsync(51 * MINUTE);
    expect(times()).toEqual([0, 51 * MINUTE]);
  });
});
