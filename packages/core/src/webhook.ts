import { type Bytes, hmac, importHmacKey, toHex } from './hmac.js';

/**
 * The value of `X-Vortex-Signature` for a webhook: lower-case hexadecimal HMAC-SHA256 over the exact bytes of the body,
 * keyed with the webhook secret. The emulator signs with it, and so can your tests.
 *
 * @param body the body as sent; text stands for its UTF-8 bytes
 * @param secret the webhook secret, which is not the API key
 */
export async function signWebhook(body: Bytes, secret: string): Promise<string> {
  return toHex(await hmac(await importHmacKey(secret), body));
}
