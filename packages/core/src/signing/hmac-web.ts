/** HMAC-SHA256 by WebCrypto and JWS by jose, for every runtime but Node. */
import { CompactSign } from 'jose/jws/compact/sign';
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

/** The compact serialisation of a JWS whose header says HS256 (RFC 7515, section 7.1). */
export function signCompact(key: HmacKey, header: { alg: 'HS256' }, payload: string): Promise<string> {
  return new CompactSign(encoder.encode(payload)).setProtectedHeader(header).sign(key);
}

/** The cast admits a view of shared memory by type; WebCrypto refuses it at run time. */
function toSource(value: Bytes): BufferSource {
  return typeof value === 'string' ? encoder.encode(value) : (value as BufferSource);
}
