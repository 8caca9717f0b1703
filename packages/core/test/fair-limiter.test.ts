/** The turns of tasks that wait for a place. Loads of rules over HTTP are in `loading.test.ts`. */
import { expect, test } from 'vitest';
import { FairLimiter } from '../src/api/fair-limiter.ts';

const aborted = { name: 'VortexError', code: 'ABORTED' };

/** A limiter whose tasks end when they are told to. The first letter of a task names its user. */
function startLimiter(width: number) {
  const limiter = new FairLimiter(width);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const add = (name: string, signal = new AbortController().signal) => {
    const task = () =>
      new Promise<string>((resolve) => {
        begun.push(name);
        ends.set(name, () => resolve(name));
      });
    const running = limiter.run(name.charAt(0), task, signal);
    running.catch(() => {});
    return running;
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await turn();
    return begun;
  };
  return { add, end, begun, turn };
}

test('a limiter runs as many tasks at a time as its width, and the users whose tasks wait take turns', async () => {
  const { add, end, begun } = startLimiter(2);
  const first = add('a1');
  for (const name of ['a2', 'a3', 'a4', 'b1', 'c1', 'a5']) add(name);
  expect(begun).toEqual(['a1', 'a2']);
  const order = ['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'a5'];
  expect(await end('a1')).toEqual(order.slice(0, 3));
  expect(await first).toBe('a1');
  for (const [index, name] of order.slice(1).entries()) expect(await end(name)).toEqual(order.slice(0, index + 4));
  for (const name of ['d1', 'd2', 'd3']) add(name);
  expect(begun).toEqual([...order, 'd1', 'd2']);
});

test('a task whose signal is aborted does not begin, and a task after it does', async () => {
  const { add, end, begun } = startLimiter(1);
  await expect(add('a1', AbortSignal.abort())).rejects.toMatchObject(aborted);
  add('a2');
  expect(begun).toEqual(['a2']);
  await expect(add('b1', AbortSignal.abort())).rejects.toMatchObject(aborted);
  add('c1');
  expect(await end('a2')).toEqual(['a2', 'c1']);
});

test('a task that leaves while it waits takes no place from its user or from others', async () => {
  const { add, end } = startLimiter(1);
  const [one, two] = [new AbortController(), new AbortController()];
  add('a1');
  const leavers = [add('b1', one.signal), add('c1', two.signal)];
  for (const name of ['b2', 'd1']) add(name);
  for (const controller of [one, two]) controller.abort();
  for (const leaver of leavers) await expect(leaver).rejects.toMatchObject(aborted);
  expect(await end('a1')).toEqual(['a1', 'b2']);
  expect(await end('b2')).toEqual(['a1', 'b2', 'd1']);
});

test('a task that aborts after it has begun keeps the next task of its user waiting, and no listener is left', async () => {
  const { add, end } = startLimiter(1);
  const events: string[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  const observed = {
    aborted: false,
    addEventListener: (event: 'abort', listener: () => void) => {
      events.push(`+${event}`);
      signal.addEventListener(event, listener);
    },
    removeEventListener: (event: 'abort', listener: () => void) => {
      events.push(`-${event}`);
      signal.removeEventListener(event, listener);
    },
  };
  add('a1');
  add('b1', observed as AbortSignal);
  expect(await end('a1')).toEqual(['a1', 'b1']);
  expect(events).toEqual(['+abort', '-abort']);
  const leaving = add('b2', observed as AbortSignal);
  add('b3');
  controller.abort();
  await expect(leaving).rejects.toMatchObject(aborted);
  expect(events).toEqual(['+abort', '-abort', '+abort', '-abort']);
  expect(await end('b1')).toEqual(['a1', 'b1', 'b3']);
});
