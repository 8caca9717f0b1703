/** Mistakes that users make, and what the compiler says about them. The messages are part of the interface. */
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, type Version, writeProgram } from './program.js';

interface Mistake {
  /** What the user does. */
  readonly title: string;
  readonly code: string;
  /** The text by which the message names the mistake. */
  readonly says: string;
}

const PRELUDE = `
import { createBrowserClient } from '@vortex/browser';
import { VortexClient, type WebhookEventOf } from '@vortex/core';
import { openApiDocument } from '@vortex/core/openapi';
import { anyOf, isInviter } from '@vortex/core/rules';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import { vortexApp, vortexWebhook as honoWebhook } from '@vortex/hono';
import express from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';

export type Event = WebhookEventOf<'member.created'>;
export type User = { id: string; name: string | undefined; isAdmin: boolean };
declare const user: User;
export const isActive = (_op: unknown, { isAdmin }: User): boolean => isAdmin;
export const given = { apiKey: 'k', authenticateUser: () => user };
export const imports = [createBrowserClient, openApiDocument, VortexClient, anyOf, isInviter, vortexRouter, vortexWebhook, vortexPlugin, vortexWebhookPlugin, vortexApp, honoWebhook, express, fastify, Hono];
`;

const withRules = (rules: string) => `vortexRouter({ ...given, authorizeOperation: ${rules} });`;
const withUser = (authenticateUser: string) =>
  `vortexRouter({ apiKey: 'k', authenticateUser: ${authenticateUser}, authorizeOperation: {} });`;

const mistakes: readonly Mistake[] = [
  {
    title: 'combines a rule by && without await',
    code: withRules('{ REVOKE_INVITATION: (op, user) => isInviter(op, user) && isActive(op, user) }'),
    says: 'await this before you combine it by && or ||',
  },
  {
    title: 'combines a rule by || without await',
    code: withRules('{ REVOKE_INVITATION: (op, user) => isInviter(op, user) || isActive(op, user) }'),
    says: 'await this before you combine it by && or ||',
  },
  {
    title: 'asks a rule in an if statement without await',
    code: withRules('{ REVOKE_INVITATION: (op, user) => { if (isInviter(op, user)) return true; return false; } }'),
    says: 'await this before you combine it by && or ||',
  },
  {
    title: 'gives a rule about invitations to an operation that has none',
    code: withRules('{ CREATE_INVITATION: isInviter }'),
    says: "'CreateInvitationOperation' is not assignable to type 'LoadingOperation'",
  },
  {
    title: 'gives a combined rule about invitations to an operation that has none',
    code: withRules('{ CREATE_INVITATION: anyOf(isActive, isInviter) }'),
    says: "'CreateInvitationOperation' is not assignable to type 'LoadingOperation'",
  },
  {
    title: 'writes a rule that returns text',
    code: withRules('{ JWT: (_op, user) => user.name }'),
    says: "'string | undefined' is not assignable to type 'boolean | Promise<boolean>'",
  },
  {
    title: 'returns a user without an id, and with another known field',
    code: withUser("() => ({ userId: 'ada', email: 'ada@example.com' })"),
    says: "Property 'id' is missing",
  },
  {
    title: 'returns a promise of a user without an id',
    code: withUser("async () => ({ userId: 'ada' })"),
    says: "Property 'id' is missing",
  },
  {
    // A user and a promise are allowed. The compiler names neither, since this object has no field of either.
    title: 'returns a user without an id and without any known field',
    code: withUser("() => ({ userId: 'ada' })"),
    says: 'VortexUser',
  },
  {
    title: 'names no id of a scope',
    code: `new VortexClient('k').createInvitation({
  widgetConfigurationId: 'w',
  target: { type: 'email', value: 'ada@example.com' },
  inviter: { userId: 'bob' },
  scopes: [{ type: 'team' }],
});`,
    says: "Property 'scopeId' is missing",
  },
  {
    title: 'names no id of a scope in the browser',
    code: `createBrowserClient().createInvitation({
  widgetConfigurationId: 'w',
  target: { type: 'email', value: 'ada@example.com' },
  scopes: [{ type: 'team' }],
});`,
    says: "Property 'scopeId' is missing",
  },
  {
    title: 'sets domains of no scope in the browser',
    code: "createBrowserClient().configureAutojoin({ scopeType: 'team', domains: [], componentId: 'c' });",
    says: "Property 'scope' is missing",
  },
  {
    title: 'writes the lifetime of a token into its payload',
    code: "new VortexClient('k').generateToken({ user: { id: 'ada' }, expiresIn: '1h' });",
    says: "'string' is not assignable to type 'undefined'",
  },
  {
    title: 'mounts the uncalled function of the document',
    code: 'vortexRouter({ ...given, authorizeOperation: {}, openapi: openApiDocument });',
    says: 'is not assignable to type',
  },
  {
    title: 'misspells an operation',
    code: withRules('{ REVOKE_INVITATON: true }'),
    says: "'REVOKE_INVITATON' does not exist",
  },
  {
    title: 'misspells an option',
    code: 'vortexRouter({ ...given, authorizeOperation: {}, onSucess: () => {} });',
    says: "Did you mean to write 'onSuccess'?",
  },
  {
    title: 'forgets authorizeOperation',
    code: 'vortexRouter({ ...given });',
    says: "Property 'authorizeOperation' is missing",
  },
  {
    title: 'reads a member that not every operation has',
    code: withRules("(op) => op.invitationId !== ''"),
    says: "Property 'invitationId' does not exist",
  },
  {
    title: 'reads a member that the inferred user lacks',
    code: withRules('{ JWT: (_op, user) => user.isAdmn }'),
    says: "Did you mean 'isAdmin'?",
  },
  {
    title: 'registers the uncalled plugin with its options',
    code: "fastify().register(vortexPlugin, { ...given, authorizeOperation: {}, prefix: '/api/vortex' });",
    says: ': authenticateUser, authorizeOperation',
  },
  {
    title: 'registers the uncalled webhook plugin with its options',
    code: "fastify().register(vortexWebhookPlugin, { secret: 's', prefix: '/webhooks/vortex' });",
    says: "Property 'secret' is missing",
  },
  {
    title: 'mounts the uncalled router',
    code: "express().use('/api/vortex', vortexRouter);",
    says: 'pass vortexRouter(options) and not vortexRouter',
  },
  {
    title: 'mounts the uncalled webhook handler on Express',
    code: "express().post('/webhooks/vortex', vortexWebhook);",
    says: 'pass vortexWebhook(options) and not vortexWebhook',
  },
  {
    title: 'mounts the uncalled app',
    code: "new Hono().route('/api/vortex', vortexApp);",
    says: "is not assignable to parameter of type 'Hono",
  },
  {
    title: 'mounts the uncalled webhook handler on Hono',
    code: "new Hono().post('/webhooks/vortex', honoWebhook);",
    says: "Property 'secret' is missing",
  },
  {
    title: 'handles an event that does not exist',
    code: "vortexWebhook({ secret: 's', on: { 'invitation.accept': () => {} } });",
    says: "'invitation.accept'' does not exist in type 'WebhookHandlerMap",
  },
  {
    title: 'handles an event by a handler for another event',
    code: "vortexWebhook({ secret: 's', on: { 'invitation.accepted': (event: Event) => event.id } });",
    says: `'"invitation.accepted"' is not assignable to type '"member.created"'`,
  },
];

const files = Object.fromEntries(mistakes.map(({ code }, index) => [`${index}.ts`, `${PRELUDE}\n${code}\n`]));
const folder = writeProgram(
  'mistakes',
  [
    ...['@vortex/core', '@vortex/express', '@vortex/fastify', '@vortex/hono', '@vortex/browser'],
    ...['express', '@types/express', 'fastify', 'hono'],
  ],
  files,
);

describe.each<Version>(['5.9', '7'])('TypeScript %s', (version) => {
  /** The lines of the messages of each file, without their place. */
  const messages = new Map<string, string[]>();

  beforeAll(async () => {
    const output = await compile(folder, version, '--skipLibCheck');
    let lines: string[] = [];
    for (const line of output.split('\n')) {
      const [, file = '', text = ''] = /^(\d+\.ts)\(\d+,\d+\): error (.*)$/u.exec(line) ?? [];
      if (file) {
        lines = messages.get(file) ?? [];
        messages.set(file, lines);
      }
      if (text || line.startsWith(' ')) lines.push(shorten(text || line.trim()));
    }
  });

  /** The first line, and the line that names the mistake. */
  const excerptOf = ({ says }: Mistake, index: number): string[] => {
    const [first = '', ...rest] = messages.get(`${index}.ts`) ?? [];
    const naming = first.includes(says) ? undefined : rest.find((line) => line.includes(says));
    return naming === undefined ? [first] : [first, `  ${naming}`];
  };

  test.each(mistakes.map((mistake, index) => [mistake.title, mistake, index] as const))(
    `TypeScript ${version} names the mistake of a user who %s`,
    (_, mistake, index) => {
      expect(messages.get(`${index}.ts`)?.join('\n')).toContain(mistake.says);
    },
  );

  test(`TypeScript ${version} gives the messages of its snapshot`, async () => {
    const parts = mistakes.map((mistake, index) =>
      [mistake.title, mistake.code, ...excerptOf(mistake, index)].join('\n'),
    );
    await expect(`${parts.join('\n\n')}\n`).toMatchFileSnapshot(`snapshots/mistakes-${version}.txt`);
  });
});

/** Leaves out the parameters of types of the frameworks. */
function shorten(line: string): string {
  return line.replace(
    /\b(Application|Context|FastifyInstance|FastifyRequest|Hono|Request)<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>/gu,
    '$1<…>',
  );
}
