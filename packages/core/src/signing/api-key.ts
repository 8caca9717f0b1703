import { toHex } from '../lib/bytes.js';
import { VortexError, type VortexErrorReason } from '../lib/errors.js';

export interface ApiKey {
  /** The whole key, as sent in `x-api-key`. */
  text: string;
  /** Key id: 16 bytes as lower-case hexadecimal in 8-4-4-4-12 groups. */
  kid: string;
  secret: string;
}

const FORM = 'VRTX.<id>.<secret>';

/**
 * Parses `VRTX.<id>.<secret>`, where `<id>` is base64url of 16 bytes. It is stricter than the vendor's SDK, which cuts a
 * secret at its first dot and keeps a trailing newline: both make tokens that look valid and are not.
 *
 * @throws VortexError `CONFIG` naming the fault, without the key
 */
export function parseApiKey(text: unknown): ApiKey {
  if (text === undefined || text === null)
    refuse('type', `is missing. Is its environment variable set? It has the form ${FORM}`);
  if (typeof text !== 'string') refuse('type', `must be text of the form ${FORM}, not ${typeof text}`);
  if (text.trim() === '') refuse('format', `is empty. Is its environment variable set? It has the form ${FORM}`);
  const parts = text.split('.');
  const [prefix, id, secret] = parts;
  if (!prefix || !id || !secret) refuse('format', `must have the form ${FORM}; a part is missing`);
  if (parts.length > 3) refuse('format', `must have the form ${FORM}; it has ${parts.length} parts instead of 3`);
  if (prefix !== 'VRTX')
    refuse('prefix', 'must start with "VRTX.", in upper case and without quotes or spaces before it');
  if (/\s/u.test(id) || secret !== secret.trim() || /\p{Cc}/u.test(secret)) {
    refuse(
      'format',
      'has surrounding white space, white space in its id, or a control character; fix it where the variable is set',
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
    // The vendor's SDK also accepts the standard alphabet and padding.
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/**
 * A secret may have characters that no HTTP header can carry. Such a key can sign and cannot call the API.
 *
 * @throws VortexError `CONFIG`
 */
export function requireSendable(apiKey: string): void {
  if (/^[\x20-\x7e\xa0-\xff]+$/u.test(apiKey)) return;
  throw new VortexError('CONFIG', 'apiKey has characters that no HTTP header can carry, so it can only sign.');
}
