/** Node's request streams and responses, for the adapters that run on them. */
import { Chunks } from '../lib/bytes.js';
import type { CallSignal } from '../lib/promises.js';
import { type Body, bodyFromKept } from './body.js';

/** The part of Node's `Readable` that reading a request body needs. */
export interface NodeStream {
  readonly destroyed: boolean;
  /** True once data was emitted. */
  readonly readableDidRead?: boolean | undefined;
  readonly readableEnded?: boolean | undefined;
  /** Present once a listener has asked for text. */
  readonly readableEncoding?: string | null | undefined;
  /** True while a listener takes the data as it comes. */
  readonly readableFlowing?: boolean | null | undefined;
  readonly headers?:
    | { readonly 'content-length'?: string | undefined; readonly 'transfer-encoding'?: string | undefined }
    | undefined;
  /** Present with HTTP/2. Node types it on its HTTP/2 requests only. */
  readonly stream?: { readonly endAfterHeaders?: boolean | undefined } | undefined;
  listenerCount?: ((event: 'readable') => number) | undefined;
  on(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  off(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  resume(): unknown;
}

/**
 * Prepares to read the body of a Node request. Reading starts now if the request announces a body: in the buffer of the stream,
 * chunks of one byte cost up to 170 times their size while a hook waits. It also starts now if another listener already makes the
 * stream flow, since data that is emitted before it starts is lost. Otherwise it starts when the returned function is called.
 *
 * @param maxBytes a longer body makes the returned function reject with `TooLargeError`
 * @param kept returns what earlier middleware has kept of a body that it consumed: bytes, text, a parsed value, or undefined
 */
export function nodeBody(
  stream: NodeStream | null | undefined,
  maxBytes: number,
  kept: () => unknown,
): () => Promise<Body> {
  const isExpected = hasReader(stream) || announcesBody(stream);
  if (!isExpected || stream.readableDidRead || stream.readableEnded !== false || !hasBytes(stream)) {
    return () => readNodeBody(stream, maxBytes, kept);
  }
  const reading = collect(stream, maxBytes);
  // The request may end without its body being asked for.
  reading.catch(() => {});
  return async () => {
    // A hook that reads the body as well may have paused it.
    if (stream.readableFlowing === false) stream.resume();
    return { kind: 'bytes', bytes: await reading };
  };
}

/** True if the head of a request says that a body follows. With HTTP/2, no header has to say so. */
export function announcesBody(stream: NodeStream | null | undefined): stream is NodeStream {
  const headers = stream?.headers;
  if (!headers) return false;
  const isSent = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return isSent || stream.stream?.endAfterHeaders === false;
}

/** Reads the body of a Node request now, whereas `nodeBody` returns a function that reads it later. */
export async function readNodeBody(
  stream: NodeStream | null | undefined,
  maxBytes: number,
  kept: () => unknown,
): Promise<Body> {
  if (!stream) return { kind: 'empty' };
  if (stream.readableEnded === undefined) return mockedBody(kept());
  const isIncomplete = !stream.readableEnded && !stream.destroyed;
  let rest: Uint8Array | undefined;
  if (isIncomplete && (stream.readableDidRead || !hasBytes(stream))) {
    const collecting = hasBytes(stream) ? collect(stream, maxBytes).catch(() => undefined) : undefined;
    await drain(stream);
    rest = await collecting;
  }
  if (stream.readableDidRead) {
    const found = kept();
    // A reader may have put back what it had read, by `unshift`.
    const isWhole = rest?.byteLength === Number(stream.headers?.['content-length']);
    return found === undefined && rest && isWhole ? { kind: 'bytes', bytes: rest } : bodyFromKept(found);
  }
  // Drained without any data, such as an empty chunked body after a parser.
  if (stream.readableEnded) return { kind: 'empty' };
  return { kind: 'bytes', bytes: await collect(stream, maxBytes) };
}

/** The body of a request that a test has made up, which is no stream. */
function mockedBody(kept: unknown): Body {
  return kept === undefined ? { kind: 'empty' } : bodyFromKept(kept);
}

/** True if another listener takes the data as it comes. */
export function hasReader(stream: NodeStream | null | undefined): stream is NodeStream {
  return Boolean(stream && (stream.readableFlowing || stream.listenerCount?.('readable')));
}

/** False if a listener has asked for text from which the bytes cannot be had again. */
function hasBytes({ readableEncoding }: NodeStream): boolean {
  return !readableEncoding || /^utf-?8$/iu.test(readableEncoding);
}

function collect(stream: NodeStream, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const read = new Chunks(maxBytes);
    const take = (chunk: Uint8Array | string) => {
      try {
        read.add(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
      } catch (error) {
        reject(error);
        stream.off('data', take);
        // Drain the rest: unread bytes would corrupt the next request on this connection.
        stream.resume();
      }
    };
    const close = () => reject(new Error('The stream was closed.'));
    // A closed stream emits no further event.
    if (stream.destroyed) return close();
    stream.on('data', take);
    stream.on('end', () => {
      stream.off('close', close);
      resolve(read.join());
    });
    stream.on('error', reject);
    stream.on('close', close);
    // A listener before us may have paused it.
    if (stream.readableFlowing === false) stream.resume();
  });
}

/** Waits until another reader has taken the rest, and takes it if that reader has stopped. */
function drain(stream: NodeStream): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('end', resolve);
    stream.on('close', resolve);
    stream.on('error', reject);
    if (!stream.readableFlowing) stream.resume();
  });
}

/** The part of Node's `ServerResponse` that tells whether the caller has disconnected. */
export interface NodeResponse {
  readonly writableFinished: boolean;
  /** Absent with HTTP/2. */
  readonly destroyed?: boolean | undefined;
  /** Present with HTTP/2, where many streams share a connection. */
  readonly stream?: { readonly destroyed: boolean } | undefined;
  on(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** The headers that a response can send: with HTTP/2 there is no `connection` (RFC 9113, section 8.2.2). */
export function sendableHeaders(
  response: object | undefined,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { stream } = Object(response) as { stream?: unknown };
  if (headers.connection === undefined || !stream) return headers;
  const { connection: _, ...others } = headers;
  return others;
}

/**
 * A signal that is aborted when the response closes before it was sent, which means that the caller has disconnected. Its
 * listeners are called at every close: a call that is in flight after the answer has no reader. It has one listener on the
 * response, however many calls use it: Node warns of more than ten. Reading one invitation takes 2 % more CPU time with an
 * `AbortController` in its place.
 */
export function abortedOnClose(response: NodeResponse): CallSignal {
  return new CloseSignal(response);
}

/** A class, because V8 keeps the getter of an object literal, and all that it refers to, until a collection of the whole heap. */
class CloseSignal implements CallSignal {
  readonly #response: NodeResponse;
  readonly #listeners = new Set<() => void>();
  readonly #onClose = () => {
    for (const listener of this.#listeners) listener();
  };

  constructor(response: NodeResponse) {
    this.#response = response;
  }

  get aborted(): boolean {
    const { stream, destroyed = false, writableFinished } = this.#response;
    // With HTTP/2, `writableFinished` is true for a stream that was reset, too.
    return stream ? stream.destroyed : destroyed && !writableFinished;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    if (this.#listeners.size === 0) this.#response.on('close', this.#onClose);
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#response.off('close', this.#onClose);
  }
}
