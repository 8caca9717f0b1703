/** Bodies that a platform, a listener or a parser of the host has touched before the router. */
import { runInNewContext } from 'node:vm';
import {
  defineTouchedBodies,
  onPlatforms,
  type StartTouched,
  serveListener,
  type Touched,
  type TouchedMounts,
} from '@vortex/conformance';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express, { type RequestHandler } from 'express';

const app = ({ routes, webhooks }: TouchedMounts, ...middleware: RequestHandler[]) =>
  express()
    .use(...middleware, (_request, _response, next) => next())
    .use('/api/vortex', vortexRouter(routes))
    .post('/webhooks/vortex', vortexWebhook(webhooks));

const behind =
  (...middleware: RequestHandler[]): StartTouched =>
  (mounts) =>
    serveListener(app(mounts, ...middleware));

const keepRaw: RequestHandler = async (request, _response, next) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  Object.assign(request, { rawBody: Buffer.concat(chunks) });
  next();
};

/** Bytes whose classes are not the global ones, as all bytes of Node are in the environment jsdom of a test runner. */
const foreign: Record<string, (bytes: Buffer) => unknown> = {
  Uint8Array: (bytes) => runInNewContext('Uint8Array').from(bytes),
  ArrayBuffer: (bytes) => runInNewContext('Uint8Array').from(bytes).buffer,
};

defineTouchedBodies([
  ...Object.entries(foreign).map(
    ([name, copy]): Touched<StartTouched> => [
      `express.json() has read, which keeps it as a ${name} of another realm`,
      200,
      200,
      behind(express.json({ verify: (request, _response, bytes) => Object.assign(request, { rawBody: copy(bytes) }) })),
    ],
  ),
  ...onPlatforms(async (mounts) => app(mounts)),
  ['express.json() has read', 200, 'RAW_BODY_REQUIRED', behind(express.json())],
  [
    'express.json() has read, which keeps it as rawBody',
    200,
    200,
    behind(express.json({ verify: (request, _response, rawBody) => Object.assign(request, { rawBody }) })),
  ],
  ['express.raw() has read', 200, 200, behind(express.raw({ type: () => true }))],
  ['express.text() has read', 200, 200, behind(express.text({ type: () => true }))],
  ['no parser has read, for its type', 200, 200, behind(express.urlencoded({ extended: false }), express.text())],
  ['a middleware has read and left as rawBody', 200, 200, behind(keepRaw)],
  [
    'a middleware has read and left as rawBody, behind a parser of other types',
    200,
    200,
    behind(express.urlencoded({ extended: false }), keepRaw),
  ],
  [
    'a middleware has read and not kept, behind a parser of other types',
    'BODY_CONSUMED',
    'BODY_CONSUMED',
    behind(express.urlencoded({ extended: false }), (request, _response, next) => {
      request.resume().on('end', next);
    }),
  ],
  [
    'a listener of a middleware reads as well, in front of express.json()',
    200,
    'RAW_BODY_REQUIRED',
    behind((request, _response, next) => {
      request.on('data', () => {});
      next();
    }, express.json()),
  ],
]);
