// Apart from `api-key.ts`, since public declarations must not import `#hmac`, which `moduleResolution: node` cannot resolve.
import { type HmacKey, hmac, importHmacKey } from '#hmac';
import type { ApiKey } from './api-key.js';

/** Derives the key that signs tokens and users: HMAC-SHA256 over the kid, keyed with the secret. Webhooks have another. */
export async function deriveSigningKey({ kid, secret }: ApiKey): Promise<HmacKey> {
  return importHmacKey(await hmac(await importHmacKey(secret), kid));
}
