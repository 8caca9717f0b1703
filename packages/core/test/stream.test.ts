/** Bodies that are read from streams: their limit, streams that break, and callers that disconnect. */
import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer, IncomingMessage, type OutgoingHttpHeaders, request, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { abortedOnClose, type NodeStream, nodeBody, readAll, TooLargeError } from '@vortex/core/adapter';
import { describe, expect, test } from 'vitest';

const chunk = (text: string) => new TextEncoder().encode(text);
/** Reads a Node request of which earlier middleware has kept nothing. */
const bodyOf = (stream: NodeStream | null | undefined, limit: number) => nodeBody(stream, limit, () => undefined)();

async function bytesOf(stream: NodeStream, limit: number): Promise<Uint8Array> {
  const body = await bodyOf(stream, limit);
  if (body.kind !== 'bytes') throw new Error(`The body is of the kind ${body.kind}.`);
  return body.bytes;
}

function webStream(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const each of chunks) controller.enqueue(each);
      controller.close();
    },
  });
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe.each<[string, (chunks: string[], limit: number) => Promise<Uint8Array>]>([
  ['a Web stream', (chunks, limit) => readAll(webStream(chunks.map(chunk)), limit)],
  ['a Node request', (chunks, limit) => bytesOf(Readable.from(chunks.map(chunk)), limit)],
])('%s', (name, read) => {
  test.each([
    ['no chunk', []],
    ['one chunk', ['abc']],
    ['several chunks, one of them empty', ['ab', '', 'cd', 'e']],
  ])(`${name} of %s is read whole`, async (_, chunks) => {
    expect(textOf(await read(chunks, 100))).toBe(chunks.join(''));
  });

  test(`${name} with as many bytes as the limit is read, and one with one more is refused`, async () => {
    expect(textOf(await read(['abc', 'de'], 5))).toBe('abcde');
    const reading = read(['abc', 'def'], 5);
    await expect(reading).rejects.toThrow(TooLargeError);
    await expect(reading).rejects.toMatchObject({ name: 'TooLargeError', message: expect.stringContaining('5') });
  });
});

test('a body whose beginning a reader has looked at and put back is read whole, if its length is announced', async () => {
  const bodies: unknown[] = [];
  const server = createServer((incoming, response) => {
    incoming.once('readable', async () => {
      incoming.unshift(incoming.read());
      const body = await bodyOf(incoming, 1000);
      bodies.push(body.kind === 'bytes' ? textOf(body.bytes) : body.kind);
      response.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  for (const headers of [{ 'content-length': 6 }, { 'transfer-encoding': 'chunked' }]) {
    const sent = request({ port, method: 'POST', headers });
    sent.write('abc');
    setTimeout(() => sent.end('def'), 20);
    const [reply] = await once(sent, 'response');
    reply.resume();
  }
  server.close();
  // In a chunked request, no header tells whether the reader has kept a part of the body.
  expect(bodies).toEqual(['abcdef', 'consumed']);
});

test.each<[string, OutgoingHttpHeaders]>([
  ['length', { 'content-length': 6 }],
  ['transfer encoding', { 'transfer-encoding': 'chunked' }],
])('a body that is announced by its %s is collected before it is asked for', async (_, headers) => {
  const server = createServer(async (incoming, response) => {
    const read = nodeBody(incoming, 100, () => undefined);
    await once(incoming, 'end');
    const body = await read();
    response.end(body.kind === 'bytes' && textOf(body.bytes));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const sent = request({ port, method: 'POST', headers }).end('abcdef');
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  expect(Buffer.concat(await reply.toArray()).toString()).toBe('abcdef');
  server.close();
});

test('a request of a test, which is no stream, has the body that it was given', async () => {
  const made = Object.assign(new EventEmitter(), { destroyed: false, resume() {} });
  expect(await nodeBody(made, 100, () => ({ a: 1 }))()).toEqual({ kind: 'parsed', value: { a: 1 } });
  expect(await nodeBody(made, 100, () => undefined)()).toEqual({ kind: 'empty' });
});

test('an absent stream is read as no bytes, and an absent Node request as an empty body', async () => {
  for (const none of [null, undefined]) {
    expect(await readAll(none, 1)).toEqual(new Uint8Array());
    expect(await bodyOf(none, 1)).toEqual({ kind: 'empty' });
  }
});

test('a stream that is too long is closed', async () => {
  let given = 0;
  let isClosed = false;
  async function* endless() {
    try {
      for (; given < 1000; given += 1) yield chunk('abc');
    } finally {
      isClosed = true;
    }
  }
  await expect(readAll(endless(), 5)).rejects.toThrow(TooLargeError);
  // The first chunk was taken. The second passes the limit, and no third is asked for.
  expect([given, isClosed]).toEqual([1, true]);
});

test('a Node request that is too long is drained and not destroyed', async () => {
  const body = new PassThrough();
  const reading = bytesOf(body, 5);
  body.write('abcdef');
  await expect(reading).rejects.toThrow(TooLargeError);
  expect(body.listenerCount('data')).toBe(0);
  expect([body.readableFlowing, body.destroyed]).toEqual([true, false]);
  body.end('ghi');
  await once(body, 'end');
});

test('a body that breaks before its end rejects with the error of the stream', async () => {
  const body = new PassThrough();
  const reading = bytesOf(body, 100);
  body.write('abc');
  const reset = new Error('reset');
  body.destroy(reset);
  await expect(reading).rejects.toBe(reset);
});

test('a body that closes before its end rejects', async () => {
  const body = new PassThrough();
  const reading = bytesOf(body, 100);
  body.write('abc');
  body.destroy();
  await expect(reading).rejects.toThrow(/closed/u);
});

test('a body that was closed before it was read rejects', async () => {
  const body = new PassThrough();
  body.destroy();
  await once(body, 'close');
  await expect(bytesOf(body, 100)).rejects.toThrow(/closed/u);
});

describe('a Node request that has another reader', () => {
  /** A request that another listener reads into a text. */
  function shared(options = {}) {
    const body = new PassThrough(options);
    const kept = { text: '' };
    body.on('data', (part) => {
      kept.text += String(part);
    });
    return { body, kept, read: () => nodeBody(body, 100, () => kept.text) };
  }

  test('a body that flows to another reader is read whole, even if it is asked for at its end', async () => {
    const { body, read } = shared();
    const reading = read();
    body.end('abc');
    await once(body, 'end');
    expect(await reading()).toEqual({ kind: 'bytes', bytes: chunk('abc') });
  });

  test('a body that is too long for us reaches the other reader whole, and is refused when it is asked for', async () => {
    const { body, kept } = shared();
    const reading = nodeBody(body, 2, () => undefined);
    body.end('abc');
    await once(body, 'end');
    await expect(reading()).rejects.toThrow(TooLargeError);
    expect(kept.text).toBe('abc');
  });

  test('a body that another reader has begun is what that reader has kept at its end', async () => {
    const { body, kept, read } = shared();
    body.write('abc');
    await expect.poll(() => kept.text, { interval: 1 }).toBe('abc');
    const reading = read()();
    body.end('def');
    expect(await reading).toEqual({ kind: 'bytes', bytes: chunk('abcdef') });
  });

  /** Asks for a body that another reader has begun, and stopped to read. */
  async function begun() {
    // Emits no `close` after `end`.
    const { body, kept, read } = shared({ autoDestroy: false });
    body.write('abc');
    await expect.poll(() => kept.text, { interval: 1 }).toBe('abc');
    body.removeAllListeners('data').pause();
    return { body, reading: read()() };
  }

  test('a body that another reader has begun and stopped is drained', async () => {
    const { body, reading } = await begun();
    body.end('def');
    expect(await reading).toEqual({ kind: 'bytes', bytes: chunk('abc') });
    expect(body.readableEnded).toBe(true);
  });

  test('a body that closes while it is drained is what the other reader has kept', async () => {
    const { body, reading } = await begun();
    body.destroy();
    expect(await reading).toEqual({ kind: 'bytes', bytes: chunk('abc') });
  });

  test('a body that breaks while it is drained rejects with the error of the stream', async () => {
    const { body, reading } = await begun();
    const reset = new Error('reset');
    body.destroy(reset);
    await expect(reading).rejects.toBe(reset);
  });

  test('a body that another reader has read is what that reader has kept', async () => {
    const { body, read } = shared();
    body.end('abc');
    await once(body, 'close');
    expect(await read()()).toEqual({ kind: 'bytes', bytes: chunk('abc') });
  });

  test('a body that closed while another reader read it is what that reader has kept', async () => {
    const { body, kept, read } = shared();
    body.write('abc');
    await expect.poll(() => kept.text, { interval: 1 }).toBe('abc');
    body.destroy();
    await once(body, 'close');
    expect(await read()()).toEqual({ kind: 'bytes', bytes: chunk('abc') });
  });

  test('a body of no bytes that another reader has ended is empty', async () => {
    const { body, read } = shared();
    body.end();
    await once(body, 'close');
    expect(await read()()).toEqual({ kind: 'empty' });
  });

  test('a body that another listener has paused is read', async () => {
    const body = new PassThrough();
    body.pause();
    body.end('abc');
    expect(textOf(await bytesOf(body, 100))).toBe('abc');
  });

  test('a body of which a listener has asked for text is read in UTF-8, and is lost in another encoding', async () => {
    const read = async (encoding: BufferEncoding) => {
      const body = new PassThrough().setEncoding(encoding);
      body.end('\u00e4\u20ac');
      return bodyOf(body, 100);
    };
    expect(await read('utf8')).toEqual({ kind: 'bytes', bytes: chunk('\u00e4\u20ac') });
    expect(await read('latin1')).toEqual({ kind: 'consumed' });
  });
});

test('a body that has ended keeps no listener for its close', async () => {
  const body = new PassThrough({ autoDestroy: false });
  const before = body.listenerCount('close');
  const reading = bytesOf(body, 100);
  expect(body.listenerCount('close')).toBe(before + 1);
  body.end('abc');
  expect(textOf(await reading)).toBe('abc');
  expect(body.listenerCount('close')).toBe(before);
});

describe('callers of a Node server', () => {
  /**
   * Serves one request. Returns whether its signal was aborted before the answer and at the close, and which of its listeners
   * were called.
   */
  async function serve(answer: boolean) {
    const aborted: boolean[] = [];
    const called: string[] = [];
    const server = createServer((_, response) => {
      const signal = abortedOnClose(response);
      const removed = () => called.push('removed');
      signal.addEventListener('abort', () => called.push('listener'));
      signal.addEventListener('abort', removed);
      signal.removeEventListener('abort', removed);
      aborted.push(signal.aborted);
      response.on('close', () => {
        aborted.push(signal.aborted);
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
    return { aborted, called };
  }

  test('a signal is aborted, and calls its listeners, if the caller disconnects before the answer', async () => {
    expect(await serve(false)).toEqual({ aborted: [false, true], called: ['listener'] });
  });

  // A call that is still in flight then has no reader, so it may end.
  test('a signal calls its listeners at the close after an answer, and is not aborted', async () => {
    expect(await serve(true)).toEqual({ aborted: [false, false], called: ['listener'] });
  });

  test('a signal that has listeners has one on its response, and a signal that has none has none there', () => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const signal = abortedOnClose(response);
    const [one, two] = [() => {}, () => {}];
    const counts = [
      () => signal.addEventListener('abort', one),
      () => signal.addEventListener('abort', two),
      () => signal.removeEventListener('abort', one),
      () => signal.removeEventListener('abort', two),
    ].map((change) => {
      change();
      return response.listenerCount('close');
    });
    expect(counts).toEqual([1, 1, 1, 0]);
  });

  // V8 keeps the getters of object literals until then, once some of the objects have outlived a collection.
  test('64 signals at a time are freed, with their responses, without a collection of the whole heap', () => {
    const program = `
      import { abortedOnClose } from '@vortex/core/adapter';
      const inFlight = [];
      const begin = () => {
        const response = { writableFinished: true, destroyed: true, on() {}, off() {}, content: new Array(1000).fill(0) };
        const signal = abortedOnClose(response);
        const listener = () => {};
        signal.addEventListener('abort', listener);
        if (signal.aborted) throw new Error('aborted');
        inFlight.push(() => signal.removeEventListener('abort', listener));
      };
      const serve = (count) => {
        for (let index = 0; index < count; index += 1) {
          begin();
          if (inFlight.length > 64) inFlight.shift()();
          if (index % 100 === 0) gc({ type: 'minor' });
        }
      };
      serve(1000);
      const before = process.memoryUsage().heapUsed;
      serve(2000);
      process.stdout.write(String(process.memoryUsage().heapUsed - before));`;
    const printed = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    });
    // The responses have 16 MB.
    expect(Number(printed)).toBeLessThan(2 ** 20);
  });
});
