/** Bodies as they come: their limit, what breaks them off, and who has left. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { abortedOnClose, type NodeStream, nodeBody, readAll, TooLargeError } from '@vortex/core/adapter';
import { describe, expect, test } from 'vitest';

const chunk = (text: string) => new TextEncoder().encode(text);
/** Reads a Node request whose body nothing else has touched. */
async function readNodeBody(stream: NodeStream | null | undefined, limit: number): Promise<Uint8Array> {
  const body = await nodeBody(stream, limit, () => undefined)();
  return body.kind === 'bytes' ? body.bytes : new Uint8Array();
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe.each<[string, (chunks: string[], limit: number) => Promise<Uint8Array>]>([
  ['a stream', (chunks, limit) => readAll(Readable.from(chunks.map(chunk)), limit)],
  ['a Node request', (chunks, limit) => readNodeBody(Readable.from(chunks.map(chunk)), limit)],
])('%s', (_, read) => {
  test.each([
    ['nothing', []],
    ['one chunk', ['abc']],
    ['several, an empty one among them', ['ab', '', 'cd', 'e']],
  ])('of %s is read whole', async (_, chunks) => {
    expect(textOf(await read(chunks, 100))).toBe(chunks.join(''));
  });

  test('of as many bytes as may be is read, and of one more is not', async () => {
    expect(textOf(await read(['abc', 'de'], 5))).toBe('abcde');
    const error = await read(['abc', 'def'], 5).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TooLargeError);
    expect(error).toMatchObject({ name: 'TooLargeError', message: 'over 5 bytes' });
  });
});

test('no stream is no bytes', async () => {
  for (const none of [null, undefined]) {
    expect(await readAll(none, 1)).toEqual(new Uint8Array());
    expect(await readNodeBody(none, 1)).toEqual(new Uint8Array());
  }
});

test('a stream that is too long is given up, and the request of a Node server is read to its end', async () => {
  let given = 0;
  let isGivenUp = false;
  async function* endless() {
    try {
      for (; given < 1000; given += 1) yield chunk('abc');
    } finally {
      isGivenUp = true;
    }
  }
  await expect(readAll(endless(), 5)).rejects.toThrow(TooLargeError);
  expect([given, isGivenUp]).toEqual([1, true]);

  const body = new PassThrough();
  const reading = readNodeBody(body, 5);
  body.write('abcdef');
  await expect(reading).rejects.toThrow(TooLargeError);
  expect(body.listenerCount('data')).toBe(0);
  body.end('ghi');
  await once(body, 'end');
  expect(body.destroyed || body.readableEnded).toBe(true);
});

test.each<[string, (body: PassThrough) => void, string]>([
  ['breaks', (body) => body.destroy(new Error('reset')), 'reset'],
  ['closes', (body) => body.destroy(), 'The stream was closed.'],
])('a body that %s before its end is none', async (_, end, message) => {
  const body = new PassThrough();
  const reading = readNodeBody(body, 100);
  body.write('abc');
  end(body);
  await expect(reading).rejects.toThrow(message);
  await expect(readNodeBody(body, 100)).rejects.toThrow('The stream was closed.');
});

test('a body that has ended keeps no listener for its close', async () => {
  const body = new PassThrough({ autoDestroy: false });
  const before = body.listenerCount('close');
  const reading = readNodeBody(body, 100);
  expect(body.listenerCount('close')).toBe(before + 1);
  body.end('abc');
  expect(textOf(await reading)).toBe('abc');
  expect(body.listenerCount('close')).toBe(before);
});

describe('a caller of a Node server', () => {
  /** What a signal of the response says before, and after the caller has done as it does. */
  async function serve(answer: boolean) {
    const seen: unknown[] = [];
    const server = createServer((_, response) => {
      const signal = abortedOnClose(response);
      const told = () => seen.push('told');
      const forgotten = () => seen.push('told in vain');
      signal.addEventListener('abort', told);
      signal.addEventListener('abort', forgotten);
      signal.removeEventListener('abort', forgotten);
      seen.push(signal.aborted);
      response.on('close', () => {
        seen.push(signal.aborted);
        server.close();
      });
      if (answer) response.end('done');
      else response.flushHeaders();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const call = request({ port: (server.address() as AddressInfo).port, agent: false }, (response) => {
      if (answer) response.resume();
      else call.destroy();
    });
    call.on('error', () => {}).end();
    await once(server, 'close');
    return seen;
  }

  test('who leaves has left', async () => {
    expect(await serve(false)).toEqual([false, 'told', true]);
  });

  test('who is answered has not', async () => {
    expect(await serve(true)).toEqual([false, 'told', false]);
  });
});
