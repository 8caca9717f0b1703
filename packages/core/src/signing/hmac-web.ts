import { CompactSign } from 'jose/jws/compact/sign';
import type { Bytes } from './hmac.js';

const encoder = new TextEncoder();

/** A `CryptoKey`, by a name that is there without the types of a browser too. WebCrypto is on every runtime. */
export type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export function importHmacKey(secret: Bytes): Promise<HmacKey> {
  return crypto.subtle.importKey('raw', toSource(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

export function hmac(key: HmacKey, message: Bytes): Promise<ArrayBuffer> {
  return crypto.subtle.sign('HMAC', key, toSource(message));
}

/** The compact form of a JWS whose header says HS256. */
export function signCompact(key: HmacKey, header: { alg: 'HS256' }, payload: string): Promise<string> {
  return new CompactSign(encoder.encode(payload)).setProtectedHeader(header).sign(key);
}

/** Shared memory, which the type of a `Buffer` does not rule out, WebCrypto refuses by itself. */
function toSource(value: Bytes): BufferSource {
  return typeof value === 'string' ? encoder.encode(value) : (value as BufferSource);
}
