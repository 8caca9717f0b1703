export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** Every byte of a stream; reading stops at the limit, and the stream is given up. */
export async function readAll(
  chunks: AsyncIterable<Uint8Array> | null | undefined,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks ?? []) {
    length += chunk.byteLength;
    if (length > limit) throw new TooLargeError(`over ${limit} bytes`);
    read.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of read) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** A request of Node's, as far as its body goes. */
export interface NodeStream {
  iterator(options: { destroyOnReturn: boolean }): AsyncIterable<Uint8Array>;
  resume(): unknown;
}

/** The body of a Node request. Its connection outlives the limit: the answer and the next request need it. */
export async function readNodeBody(
  stream: NodeStream | null | undefined,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readAll(stream?.iterator({ destroyOnReturn: false }), limit);
  } catch (error) {
    // What is left unread would stand before the next request.
    stream?.resume();
    throw error;
  }
}

/** Aborted when a Node response is closed before it was sent: the caller has left. */
export function abortedOnClose(response: {
  readonly writableFinished: boolean;
  once(event: 'close', listener: () => void): unknown;
}): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
