import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VortexClient } from '@vortex/core';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { expect } from 'vitest';

export interface Running {
  url: string;
  emulator: Emulator;
  client: VortexClient;
  close(): Promise<void>;
}

/**
 * Serves a recipe. `load` imports it, since a recipe reads the environment when it is imported. The emulator sends webhooks if the
 * recipe has a path for them.
 */
export async function serve(load: () => Promise<RequestListener>, webhookPath?: string): Promise<Running> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const emulator = await startEmulator(webhookPath === undefined ? {} : { webhookUrl: url + webhookPath });
  Object.assign(process.env, {
    VORTEX_API_KEY: emulator.apiKey,
    VORTEX_API_BASE_URL: emulator.url,
    VORTEX_WEBHOOK_SECRET: emulator.webhookSecret,
    SESSION_SECRET: 'at least 32 characters, and made up for this test',
    APP_URL: url,
  });
  server.on('request', await load());
  return {
    url,
    emulator,
    client: new VortexClient(emulator.apiKey, { baseUrl: emulator.url }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await emulator.close();
    },
  };
}

/** Returns a `fetch` that keeps cookies and sends an `Origin` header, like a browser. */
export function openBrowser(origin: string) {
  const cookies = new Map<string, string>();
  return async (path: string, { headers, ...init }: RequestInit = {}): Promise<Response> => {
    const cookie = Array.from(cookies, (pair) => pair.join('=')).join('; ');
    const all = { origin, ...(cookie && { cookie }), ...(headers as Record<string, string>) };
    const response = await fetch(new URL(path, origin), { redirect: 'manual', ...init, headers: all });
    for (const text of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(text) ?? [];
      if (value === '' || /max-age=0/iu.test(text)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
}

export const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export type Visit = (path: string, init?: RequestInit) => Promise<Response>;

/** Returns a `fetch` that adds the given headers to every request. */
export function visitor(origin: string, headers: Record<string, string>): Visit {
  return (path, init = {}) =>
    fetch(new URL(path, origin), { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } });
}

const codeOf = async (response: Response) => ((await response.json()) as { code?: string }).code ?? response.status;

const askForToken = (visit: Visit, scope?: string) =>
  visit('/api/vortex/jwt', json(scope === undefined ? {} : { context: { scopeType: 'team', scope } }));

/** Expects that the user is known, and can list the invitations to their address only if it is verified. */
export async function expectSignedIn(visit: Visit, email: string, { verified }: { verified: boolean }) {
  expect(await codeOf(await askForToken(visit))).toBe('FORBIDDEN');
  const inbox = (address: string) => visit(`/api/vortex/invitations?targetType=email&targetValue=${address}`);
  expect(await codeOf(await inbox(email))).toBe(verified ? 200 : 'FORBIDDEN');
  expect(await codeOf(await inbox('somebody.else@example.com'))).toBe('FORBIDDEN');
}

/**
 * Expects the rules of the recipes: only an admin of a team gets a token for it, only the inviter can revoke an invitation, and no
 * user can send it again. The user `u-1` is the admin of the team `harbor`.
 */
export async function expectRules(visit: Visit, client: VortexClient, userId: string) {
  const invite = (inviter: string) =>
    client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'new@example.com' },
      inviter: { userId: inviter },
    });
  expect(await codeOf(await askForToken(visit, 'wharf'))).toBe('FORBIDDEN');
  expect(await codeOf(await askForToken(visit, 'harbor'))).toBe(userId === 'u-1' ? 200 : 'FORBIDDEN');
  const [own, other] = await Promise.all([invite(userId), invite('somebody-else')]);
  const revoke = (id: string) => visit(`/api/vortex/invitations/${id}`, { method: 'DELETE' });
  expect(await codeOf(await revoke(other.id))).toBe('FORBIDDEN');
  expect(await codeOf(await revoke(own.id))).toBe(200);
  expect(await codeOf(await visit(`/api/vortex/invitations/${own.id}/reinvite`, { method: 'POST' }))).toBe('FORBIDDEN');
}

/** Expects that the caller is signed out. */
export async function expectSignedOut(visit: Visit) {
  expect(await codeOf(await visit('/api/vortex/jwt', { method: 'POST' }))).toBe('UNAUTHENTICATED');
}
