import { VortexError, type VortexErrorReason } from '../lib/errors.js';
import { type HmacKey, hmac, importHmacKey, toHex } from './hmac.js';

export interface ApiKey {
  /** The whole key, as it goes into `x-api-key`. */
  text: string;
  /** Key id: 16 bytes as lower-case hexadecimal in 8-4-4-4-12 groups. */
  kid: string;
  secret: string;
}

const FORM = 'VRTX.<id>.<secret>';

/**
 * Reads `VRTX.<id>.<secret>`, where `<id>` is base64url of 16 bytes. Stricter than the vendor's SDK, which cuts a secret
 * at its first dot and keeps a trailing newline: both give tokens that look valid and are not.
 *
 * @throws VortexError `CONFIG` saying what is wrong, never the key
 */
export function parseApiKey(text: unknown): ApiKey {
  if (typeof text !== 'string')
    refuse('type', `must be text of the form ${FORM}, not ${text === null ? 'null' : typeof text}`);
  if (text.trim() === '') refuse('format', 'is empty');
  const parts = text.split('.');
  const [prefix, id, secret] = parts;
  if (!prefix || !id || !secret) refuse('format', `must have the form ${FORM}; a part is missing (was it cut off?)`);
  if (parts.length > 3) refuse('format', `must have the form ${FORM}; it has ${parts.length} parts where 3 belong`);
  if (prefix !== 'VRTX') refuse('prefix', 'must start with "VRTX."; spaces, quotes and lower case count as wrong');
  if (/\s/u.test(id) || secret !== secret.trim() || /\p{Cc}/u.test(secret)) {
    refuse(
      'format',
      'has white space around it or inside its id, or a control character; mend it where the key is set',
    );
  }
  const bytes = decodeBase64url(id);
  if (bytes?.length !== 16) refuse('uuid', 'has an <id> that is not base64url of 16 bytes (22 characters)');
  const hex = toHex(bytes);
  const kid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  return { text, kid, secret };
}

function refuse(reason: VortexErrorReason, problem: string): never {
  throw new VortexError('CONFIG', `apiKey ${problem}.`, { reason });
}

function decodeBase64url(text: string): Uint8Array | undefined {
  try {
    // The standard alphabet and padding are let through, as the vendor's SDK does.
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** HMAC-SHA256 keyed with the secret, over the kid: the key that signs tokens and users. Not the webhooks'. */
export async function deriveSigningKey({ kid, secret }: ApiKey): Promise<HmacKey> {
  return importHmacKey(await hmac(await importHmacKey(secret), kid));
}
