/** The parsers that people use in front of the routes and the webhooks, and mounts that a host takes and that cannot work. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineTouchedBodies, serveListener, type Touched, type TouchedMounts } from '@vortex/conformance';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { inProject, project } from './projects.js';

const needsRegistry = inject('needsRegistry');

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;
type Outcomes = [title: string, route: Touched<never>[1], webhook: Touched<never>[2]];

/** For each listener of `projects/middleware`, by its name. */
const rows: readonly Outcomes[] = [
  // It keeps the body in an object of Koa's.
  ['koa-bodyparser has read', 'BODY_CONSUMED', 'BODY_CONSUMED'],
  ['koa-bodyparser has read and the application handed on', 200, 200],
  ['@koa/bodyparser has read', 'BODY_CONSUMED', 'BODY_CONSUMED'],
  ['@koa/bodyparser has read and left on the Node request, by patchNode', 200, 200],
  ['koa-body has read', 'BODY_CONSUMED', 'BODY_CONSUMED'],
  ['koa-body has read and left on the Node request, by patchNode', 200, 'RAW_BODY_REQUIRED'],

  ['multer has left alone, for its type', 200, 200],
  ['express-fileupload has left alone, for its type', 200, 200],
  ['busboy has refused, for its type', 200, 200],
  ['formidable has read', 'BODY_CONSUMED', 'BODY_CONSUMED'],
  ['formidable has read and the application left as request.body', 200, 'RAW_BODY_REQUIRED'],
  ['formidable has begun to read', 'BODY_CONSUMED', 'BODY_CONSUMED'],
  ['raw-body has read and the application left as request.rawBody', 200, 200],
  ['raw-body reads as well', 200, 200],

  ['fastify-raw-body has been registered for', 200, 200],
  ['@fastify/multipart has been registered for', 200, 200],
  ['express.json() has read through @fastify/middie', 200, 'RAW_BODY_REQUIRED'],

  ['the parser of NestJS has read on Express', 200, 'RAW_BODY_REQUIRED'],
  ['the parser of NestJS has read on Express, with rawBody', 200, 200],
  ['NestJS has a parser for on Fastify', 200, 200],
  ['NestJS has a parser for on Fastify, with rawBody', 200, 200],

  ['the parser of the pages of Next.js has read', 200, 'RAW_BODY_REQUIRED'],
];

/** What a host calls when it starts. */
const atStart: readonly [title: string, fix: string][] = [
  ['vortexRouter registered on Fastify', 'register vortexPlugin of @vortex/fastify'],
  ['vortexWebhook of Express registered on Fastify', 'register vortexWebhookPlugin of @vortex/fastify'],
];

/** What a host calls only with a request. */
const atRequests: readonly [title: string, fix: string][] = [
  ['vortexRouter applied by NestJS on Fastify with a wildcard', 'On NestJS with Fastify, register vortexPlugin'],
  ['vortexRouter applied by NestJS on Express with a wildcard', "forRoutes('api/vortex')"],
  ['vortexPlugin used by NestJS on Fastify', 'Register it: app.register(vortexPlugin(options)'],
  ['vortexPlugin used by NestJS on Express', 'On Express, use vortexRouter of @vortex/express'],
  ['vortexWebhookPlugin used by NestJS on Express', 'On Express, use vortexWebhook of @vortex/express'],
  ['vortexHandler below a path that NestJS on Fastify takes away', 'vortexHandler got "/jwt", and with its basePath'],
];

const installed = async (file: string) => {
  const folder = await project('middleware', 'pnpm');
  return { folder, ...(await import(pathToFileURL(join(folder, file)).href)) };
};

describe.skipIf(needsRegistry !== '')(`parsers${needsRegistry}`, () => {
  let listeners: Readonly<Record<string, (mounts: TouchedMounts) => Promise<Listener>>> = {};
  beforeAll(async () => {
    const { folder, ...exported } = await installed('listeners.js');
    await inProject(folder, process.execPath, ['node_modules/next/dist/bin/next', 'build']);
    ({ listeners } = exported);
  });

  test('every listener of the project has a row', () => {
    expect(Object.keys(listeners)).toEqual(rows.map(([title]) => title));
  });

  defineTouchedBodies(
    rows.map(([title, route, webhook]) => {
      const start = async (mounts: TouchedMounts) => {
        const listenerOf = listeners[title];
        if (!listenerOf) throw new Error(`projects/middleware has no listener for "${title}".`);
        return serveListener(await listenerOf(mounts));
      };
      return [title, route, webhook, start];
    }),
  );
});

describe.skipIf(needsRegistry !== '')(`mounts${needsRegistry}`, () => {
  let mistakes: Readonly<Record<string, (say: (line: string) => void) => Promise<Listener>>> = {};
  beforeAll(async () => {
    ({ mistakes } = await installed('mistakes.js'));
  });

  test('every mistake of the project has a row', () => {
    expect(Object.keys(mistakes)).toEqual([...atStart, ...atRequests].map(([title]) => title));
  });

  test.each(atStart)('%s is refused at start with the fix', async (title, fix) => {
    await expect(mistakes[title]?.(() => {})).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining(fix),
    });
  });

  test.each(atRequests)('%s is told in the log with the fix', async (title, fix) => {
    const lines: string[] = [];
    const listener = await mistakes[title]?.((line) => lines.push(line));
    if (!listener) throw new Error(`projects/middleware has no mistake "${title}".`);
    const url = await serveListener(listener);
    for (const path of ['/api/vortex/jwt', '/webhooks/vortex']) {
      const reply = await fetch(`${url}${path}`, { method: 'POST' });
      // The caller is not told how the application is built.
      expect(await reply.text()).not.toMatch(/CONFIG|@vortex|Plugin|Router|Handler/u);
    }
    expect(lines).toEqual([expect.stringContaining(fix)]);
  });
});
