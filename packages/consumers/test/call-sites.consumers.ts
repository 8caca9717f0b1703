/** Programs as our users write them, without a cast and without `any`, on each version of TypeScript that we support. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile, compilerOptions, type Version, writeProgram } from './program.js';

const versions: Version[] = ['5.8', '5.9', '6', '7'];

describe('the call sites', () => {
  const sites = new URL('../projects/call-sites/', import.meta.url);
  const names = readdirSync(sites);
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, sites), 'utf8')]));
  const folder = writeProgram(
    'call-sites',
    [
      ...['@vortex/core', '@vortex/express', '@vortex/fastify', '@vortex/hono', '@vortex/browser'],
      ...['express', '@types/express', 'express-session', '@types/express-session', 'fastify', '@fastify/jwt', 'hono'],
      ...['pg', '@types/pg', 'undici'],
    ],
    files,
  );

  test.each(names)('%s has no cast, no any and no suppressed error', (name) => {
    const code = files[name]?.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/gu, '');
    expect(code).not.toMatch(/\bas (?!const\b)\w|\bany\b|\w!\./u);
    expect(files[name]).not.toContain('@ts-');
  });

  test.each(versions)('compile with TypeScript %s, the declarations of the packages included', async (version) => {
    expect(await compile(folder, version)).toBe('');
  });
});

describe('what a program exports of ours can be named in its declarations', () => {
  const server = writeProgram(
    'declarations-server',
    [
      '@vortex/core',
      '@vortex/express',
      '@vortex/fastify',
      '@vortex/hono',
      'express',
      '@types/express',
      'fastify',
      'hono',
    ],
    {
      'core.ts': `
import {
  type AutojoinSettings,
  type ConfigureAutojoinRequest,
  type CreateInvitationOperation,
  type CreateInvitationRequest,
  memoryStore,
  type NewInvitation,
  VortexClient,
  VortexWebhooks,
  type WebhookEvent,
} from '@vortex/core';
import { createRoutes, createWebhookEndpoint } from '@vortex/core/adapter';
import { openApiDocument } from '@vortex/core/openapi';
import { allOf, anyOf, inEveryScope, isInvitee, isInviter } from '@vortex/core/rules';
import { readToken, webhookEvent, webhookRequest } from '@vortex/core/testing';
export const client = new VortexClient('k');
export const webhooks = new VortexWebhooks({ secret: 's' });
export const find = (id: string) => client.getInvitation(id);
export const construct = (body: string) => webhooks.constructEvent(body, '');
export const { constructEvent, verifySignature } = webhooks;
export const queue = (event: WebhookEvent) => ({ id: event.id, type: event.type });
export const member = inEveryScope(({ scopeId }, user: { id: string; teams: string[] }) => user.teams.includes(scopeId));
export const rules = { REINVITE: allOf(isInviter, member), GET_INVITATION: anyOf(isInvitee, isInviter) };
export const helpers = { memoryStore, createRoutes, createWebhookEndpoint, openApiDocument, readToken, webhookRequest };
export const store = memoryStore();
export const document = openApiDocument();
export const token = () => document.paths['/jwt']?.post;
export const parts = () => ({ input: token()?.requestBody, response: token()?.responses[200] });
export const schema = () => document.components.schemas.Invitation;
export const event = webhookEvent('invitation.created');
export const preview = (op: CreateInvitationOperation) => op.unfurlConfig;
export const given = (input: NewInvitation, request: CreateInvitationRequest) => ({ input, request });
export const autojoin = (input: AutojoinSettings, request: ConfigureAutojoinRequest) => ({ ...input, request });
export const renamed = (input: NewInvitation) => ({ ...input, source: 'import' });
`,
      'express.ts': `
import { vortexRouter, vortexWebhook } from '@vortex/express';
export { vortexRouter, vortexWebhook } from '@vortex/express';
export const router = vortexRouter({ apiKey: 'k', authenticateUser: () => ({ id: 1 }), authorizeOperation: {} });
export const webhook = vortexWebhook({ secret: 's' });
export const create = { router: vortexRouter, webhook: vortexWebhook };
export const both = () => ({ router, webhook });
`,
      'fastify.ts': `
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
export { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
export const plugin = vortexPlugin({ apiKey: 'k', authenticateUser: () => ({ id: 1 }), authorizeOperation: {} });
export const webhook = vortexWebhookPlugin({ secret: 's' });
export const create = { plugin: vortexPlugin, webhook: vortexWebhookPlugin };
export const complete = (options: Parameters<typeof vortexPlugin>[0]) => options;
`,
      'hono.ts': `
import { vortexApp, vortexHandler, vortexWebhook, vortexWebhookHandler } from '@vortex/hono';
import { Hono } from 'hono';
import { hc } from 'hono/client';
export { vortexApp, vortexHandler, vortexWebhook, vortexWebhookHandler } from '@vortex/hono';
const options = { apiKey: 'k', authenticateUser: () => ({ id: 1 }), authorizeOperation: {} };
export const vortex = vortexApp(options);
export const handler = vortexHandler({ ...options, basePath: '/api/vortex' });
export const webhook = vortexWebhook({ secret: 's' });
export const webhookHandler = vortexWebhookHandler({ secret: 's' });
export const app = new Hono().route('/api/vortex', vortex).post('/webhooks/vortex', webhook);
export const client = hc<typeof app>('https://app.example.com');
export const createInvitation = client.api.vortex.invitations.$post;
export const complete = (options: Parameters<typeof vortexApp>[0]) => options;
`,
    },
  );
  const pagePackages = ['@vortex/browser', '@vortex/react', '@tanstack/react-query', 'react', '@types/react'];
  const page = writeProgram('declarations-page', pagePackages, {
    'queries.ts': `
import { createBrowserClient } from '@vortex/browser';
import { vortexKeys, vortexQueries } from '@vortex/react/query';
export const queries = vortexQueries(createBrowserClient());
export const all = { keys: vortexKeys, create: vortexQueries };
export const invitation = (id: string) => queries.invitation(id);
export const received = (value: string) => queries.invitationsTo({ type: 'email', value });
export const sent = (id: string) => queries.invitationsOf({ type: 'team', id });
export const domains = (id: string) => queries.autojoinDomains({ type: 'team', id });
`,
    'page.tsx': `
import { useInvitations, useVortex, useVortexAuth, useVortexJWT, VortexBackend, VortexProvider } from '@vortex/react';
export const backend = new VortexBackend();
export const useVortexApi = () => ({ ...useInvitations(), auth: useVortexAuth(), jwt: useVortexJWT(), all: useVortex() });
export const calls = {
  create: (input: Parameters<typeof backend.createInvitation>[0]) => backend.createInvitation(input),
  accept: () => backend.acceptInvitations(['id']),
  list: () => backend.getInvitationsByTarget('email', 'ada@example.com'),
  domains: () => backend.getAutojoinDomains('team', 'harbor'),
  sync: (input: Parameters<typeof backend.syncInternalInvitation>[0]) => backend.syncInternalInvitation(input),
};
export const Page = () => <VortexProvider config={{ client: backend }} />;
`,
  });
  const tests = writeProgram('declarations-tests', ['@vortex/emulator'], {
    'emulator.ts': `
import { createEmulator, startEmulator } from '@vortex/emulator';
export const emulator = createEmulator();
export const start = () => startEmulator();
export const lastMessage = () => emulator.outbox.at(-1);
export const lastDelivery = () => emulator.deliveries.at(-1);
export const invitations = () => emulator.invitations;
export const acceptances = () => emulator.invitations.flatMap(({ accepts }) => accepts);
`,
  });

  // One program reads once what the folders share. Each file resolves its imports from its own folder.
  const files = ['core', 'express', 'fastify', 'hono'].map((name) => join(server, `${name}.ts`));
  files.push(join(page, 'queries.ts'), join(page, 'page.tsx'), join(tests, 'emulator.ts'));
  const config = join(server, 'tsconfig.all.json');
  const emit = { noEmit: false, emitDeclarationOnly: true, rootDir: dirname(server), skipLibCheck: true };
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...compilerOptions, ...emit }, files }));
  // The compiler reports a symbol that it cannot name only in the declarations that it has written.
  const emitted = join(server, 'tsconfig.emitted.json');
  const written = files.map((file) => file.replace(/\.tsx?$/u, '.d.ts'));
  writeFileSync(emitted, JSON.stringify({ compilerOptions, files: written }));

  test.each(versions)('with TypeScript %s', async (version) => {
    expect(await compile(server, version, '--project', config)).toBe('');
    expect(await compile(server, version, '--project', emitted)).toBe('');
  });
});
