/** Undoes the compression of a reply. None is asked for, but a proxy may compress all the same. */
import type { CompressCallback, ZlibOptions } from 'node:zlib';
import { TooLargeError } from '../lib/bytes.js';
import { ExchangeError, type ExchangeResponse } from './exchange.js';

type Decompress = (bytes: Uint8Array, options: ZlibOptions, callback: CompressCallback) => void;

/** A reply is compressed once, or once more by a proxy. More would only serve an attack. */
const MAX_ENCODINGS = 2;

/**
 * Returns the bytes of a reply without its `Content-Encoding`. Decompression runs outside the event loop.
 *
 * @param limit maximum number of bytes after each step
 * @throws ExchangeError
 */
export async function decode({ status, body }: ExchangeResponse, encoding: string, limit: number): Promise<Uint8Array> {
  const encodings = encoding
    .toLowerCase()
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && each !== 'identity');
  // No bytes are no stream of any encoding, and an empty reply may have the header.
  if (body.byteLength === 0) return body;
  if (encodings.length > MAX_ENCODINGS) throw undecodable(status);
  let bytes = body;
  for (const each of encodings.reverse()) {
    const decompress = await decompressorOf(each, bytes);
    if (!decompress) throw undecodable(status);
    bytes = await new Promise((resolve, reject) => {
      decompress(bytes, { maxOutputLength: limit }, (error, result) => {
        if (!error) return resolve(result);
        const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
        const cause = isTooLarge ? new TooLargeError(`over ${limit} bytes`) : error;
        reject(new ExchangeError(isTooLarge ? 'too-large' : 'undecodable', cause, status));
      });
    });
  }
  return bytes;
}

/** Quotes no header: written in lower case, an API key that the peer echoes is not found, and so not redacted. */
function undecodable(status: number): ExchangeError {
  return new ExchangeError('undecodable', new Error('The Content-Encoding is unknown, or has too many steps.'), status);
}

/** Loads zlib with the first reply that needs it. */
async function decompressorOf(encoding: string, bytes: Uint8Array): Promise<Decompress | undefined> {
  const { brotliDecompress, gunzip, inflate, inflateRaw } = await import('node:zlib');
  // Some servers take `deflate` for the bare stream, which does not begin with the 8 of a zlib header.
  const isBare = ((bytes[0] ?? 0) & 0x0f) !== 8;
  const known: Record<string, Decompress | undefined> = {
    gzip: gunzip,
    'x-gzip': gunzip,
    deflate: isBare ? inflateRaw : inflate,
    br: brotliDecompress,
  };
  return Object.hasOwn(known, encoding) ? known[encoding] : undefined;
}
