/** HMAC-SHA256 by what the runtime signs fastest with, and how its bytes are written. */
export { type HmacKey, hmac, importHmacKey, signCompact } from '#hmac';

/** Text stands for its UTF-8 bytes. */
export type Bytes = string | ArrayBuffer | Uint8Array;

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: ArrayBuffer | Uint8Array): string {
  let text = '';
  for (const byte of new Uint8Array(bytes)) text += hex[byte];
  return text;
}
