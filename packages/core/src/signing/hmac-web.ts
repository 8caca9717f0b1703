/** HMAC-SHA256 by WebCrypto, for every runtime but Node. */
import type { Bytes } from '../lib/bytes.js';

const encoder = new TextEncoder();

/** A `CryptoKey`, named without the types of a browser. */
export type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export function importHmacKey(secret: Bytes): Promise<HmacKey> {
  return crypto.subtle.importKey('raw', toSource(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

export function hmac(key: HmacKey, message: Bytes): Promise<ArrayBuffer> {
  return crypto.subtle.sign('HMAC', key, toSource(message));
}

/** The signature of a JWS whose header says HS256, as base64url. */
export async function hmacBase64url(key: HmacKey, message: string): Promise<string> {
  return encode(new Uint8Array(await hmac(key, message)));
}

export function base64url(text: string): string {
  return encode(encoder.encode(text));
}

function encode(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/u, '');
}

/** The cast admits a view of shared memory by type; WebCrypto refuses it at run time. */
function toSource(value: Bytes): BufferSource {
  return typeof value === 'string' ? encoder.encode(value) : (value as BufferSource);
}
