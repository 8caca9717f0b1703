/** Keeps the events of tenants apart, where the secret of a webhook depends on the request. */
import { type HmacKey, hmac, importHmacKey } from '#hmac';
import { toHex } from '../lib/bytes.js';
import type { WebhookStore } from './store.js';

/**
 * The namespace of a secret: a keyed digest, which does not reveal it. During a rotation a tenant has one per secret, so that
 * an event that was handled under one of them is recognised.
 */
export async function namespacesOf(secrets: readonly string[]): Promise<readonly string[]> {
  const digests = secrets.map(async (secret) => {
    const key: HmacKey = await importHmacKey(secret);
    return toHex(await hmac(key, 'Vortex webhook namespace')).slice(0, 32);
  });
  // Sorted, so that all deliveries claim in the same order. A secret that is listed twice has one namespace: a store would find
  // the event marked by the same delivery otherwise.
  return [...new Set(await Promise.all(digests))].sort();
}

export function keysIn(namespaces: readonly string[], id: string): string[] {
  return namespaces.map((namespace) => `${namespace}:${id}`);
}

/** A view of a store in which every event is claimed, completed and released in all of the namespaces together. */
export function inNamespaces(store: WebhookStore, namespaces: readonly string[]): WebhookStore {
  const keys = (id: string) => keysIn(namespaces, id);
  return {
    async claim(id, claim) {
      const taken: string[] = [];
      for (const key of keys(id)) {
        const state = await store.claim(key, claim);
        if (state !== 'new') {
          for (const other of taken) await store.release(other, claim.owner);
          return state;
        }
        taken.push(key);
      }
      return 'new';
    },
    async complete(id) {
      for (const key of keys(id)) await store.complete(key);
    },
    async release(id, owner) {
      for (const key of keys(id)) await store.release(key, owner);
    },
  };
}
