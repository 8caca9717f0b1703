export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** A body as it arrives: a stream of the Web's, or one of Node's. */
export type ByteStream =
  | AsyncIterable<Uint8Array>
  | { iterator(options: { destroyOnReturn: boolean }): AsyncIterable<Uint8Array>; resume(): unknown };

/** Every byte of a body; reading stops at the limit. */
export async function readAll(body: ByteStream | null | undefined, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of iterate(body)) {
    length += chunk.byteLength;
    if (length > limit) break;
    chunks.push(chunk);
  }
  if (length > limit) {
    // Or the rest would stand in the way of the next request on a connection that is kept.
    if (body && 'resume' in body) body.resume();
    throw new TooLargeError(`over ${limit} bytes`);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function iterate(body: ByteStream | null | undefined): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (!body) return [];
  // Leaving a loop over a Node stream would destroy it, and with it the connection that the answer needs.
  return 'iterator' in body ? body.iterator({ destroyOnReturn: false }) : body;
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
