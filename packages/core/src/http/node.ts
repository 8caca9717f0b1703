import type { CallSignal } from '../api/transport.js';

export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** The bytes of a stream as they come, up to a limit. */
export class Chunks {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws TooLargeError past the limit */
  add(chunk: Uint8Array): void {
    this.#length += chunk.byteLength;
    if (this.#length > this.#limit) throw new TooLargeError(`over ${this.#limit} bytes`);
    this.#chunks.push(chunk);
  }

  /** All of them, once. */
  join(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
    // Whoever reads may be kept by its stream for longer than the bytes are wanted.
    this.#chunks = [];
    return bytes;
  }
}

/** Every byte of a stream; reading stops at the limit, and the stream is given up. */
export async function readAll(
  chunks: AsyncIterable<Uint8Array> | null | undefined,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const read = new Chunks(limit);
  for await (const chunk of chunks ?? []) read.add(chunk);
  return read.join();
}

/** A request of Node's, as far as its body goes. */
export interface NodeStream {
  readonly destroyed: boolean;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  off(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  resume(): unknown;
}

/** The body of a Node request. Its connection outlives the limit: the answer and the next request need it. */
export function readNodeBody(stream: NodeStream | null | undefined, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (!stream) return Promise.resolve(new Uint8Array());
  return new Promise((resolve, reject) => {
    const read = new Chunks(limit);
    const take = (chunk: Uint8Array) => {
      try {
        read.add(chunk);
      } catch (error) {
        reject(error);
        stream.off('data', take);
        // What is left unread would stand before the next request.
        stream.resume();
      }
    };
    const close = () => reject(new Error('The stream was closed.'));
    // No event will come of one that is closed already.
    if (stream.destroyed) return close();
    stream.on('data', take);
    stream.on('end', () => {
      stream.off('close', close);
      resolve(read.join());
    });
    stream.on('error', reject);
    stream.on('close', close);
  });
}

/** A response of Node's, as far as it tells whether the caller has left. */
export interface NodeResponse {
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  on(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/**
 * Aborted when a Node response is closed before it was sent: the caller has left. Not an `AbortController`, which costs a
 * fifth of reading an invitation, and more on Hono.
 */
export function abortedOnClose(response: NodeResponse): CallSignal {
  return {
    get aborted() {
      return response.destroyed && !response.writableFinished;
    },
    addEventListener: (_, listener) => void response.on('close', listener),
    removeEventListener: (_, listener) => void response.off('close', listener),
  };
}
