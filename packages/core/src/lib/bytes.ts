/** Bytes: how they are collected within a limit, and how they are written as text. */

const NONE = new Uint8Array();

/** Text stands for its UTF-8 bytes. */
export type Bytes = string | ArrayBuffer | Uint8Array;

/** By its tag and not by `instanceof`: in the environment jsdom of a test runner, the global `Uint8Array` is not that of Node. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** The same for an `ArrayBuffer`. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/** Thrown when a body has more bytes than its reader accepts. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/**
 * Collects the chunks of a stream up to a limit. The first is kept as it is, since it is often the only one. The others are copied
 * into one buffer with it: kept one by one, chunks of one byte cost 200 bytes each.
 */
export class Chunks {
  /** The number of bytes that the sender has announced, or 0. A long body is then copied once, and not at each doubling. */
  announced = 0;
  readonly #limit: number;
  #buffer: Uint8Array = NONE;
  #length = 0;

  /** @param limit maximum number of bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws TooLargeError past the limit */
  add(chunk: Uint8Array): void {
    const length = this.#length + chunk.byteLength;
    if (length > this.#limit) throw new TooLargeError(`over ${this.#limit} bytes`);
    if (this.#length === 0) {
      this.#buffer = chunk;
    } else {
      if (length > this.#buffer.byteLength) this.#grow(length);
      this.#buffer.set(chunk, this.#length);
    }
    this.#length = length;
  }

  /** Returns all bytes and forgets them: a stream may keep its reader for longer than the bytes are needed. */
  join(): Uint8Array {
    const { buffer, byteOffset } = this.#buffer;
    this.#buffer = NONE;
    // A chunk of Node is a `Buffer`, whose methods are not all those of a `Uint8Array`.
    return new Uint8Array(buffer, byteOffset, this.#length);
  }

  #grow(length: number): void {
    const old = this.#buffer;
    const size = Math.max(length, this.announced || 2 * old.byteLength);
    this.#buffer = new Uint8Array(Math.min(this.#limit, size));
    this.#buffer.set(old.subarray(0, this.#length));
  }
}

/**
 * Reads a stream to its end. Past the limit, reading stops and the stream is cancelled.
 *
 * @throws TooLargeError past the limit
 */
export async function readAll(
  chunks: AsyncIterable<Uint8Array> | null | undefined,
  limit: number,
): Promise<Uint8Array> {
  const read = new Chunks(limit);
  for await (const chunk of chunks ?? []) read.add(chunk);
  return read.join();
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal, two digits per byte. */
export function toHex(bytes: ArrayBuffer | Uint8Array): string {
  let text = '';
  for (const byte of new Uint8Array(bytes)) text += hex[byte];
  return text;
}
