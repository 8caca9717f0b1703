const encoder = new TextEncoder();
const HMAC_SHA256 = { name: 'HMAC', hash: 'SHA-256' };

/** Text stands for its UTF-8 bytes. */
export type Bytes = string | ArrayBuffer | Uint8Array;

/** `CryptoKey`, by a name that is there without the types of a browser too. */
export type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export function importHmacKey(secret: Bytes): Promise<HmacKey> {
  return crypto.subtle.importKey('raw', toBytes(secret), HMAC_SHA256, false, ['sign', 'verify']);
}

export function hmac(key: HmacKey, message: Bytes): Promise<ArrayBuffer> {
  return crypto.subtle.sign('HMAC', key, toBytes(message));
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Shared memory, which the type of a `Buffer` does not rule out, WebCrypto refuses by itself. */
function toBytes(value: Bytes): BufferSource {
  return typeof value === 'string' ? utf8(value) : (value as BufferSource);
}

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: ArrayBuffer | Uint8Array): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
