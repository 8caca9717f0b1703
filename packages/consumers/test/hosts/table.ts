/** The hosts whose programs are in `examples/hosts`, and how each is built and started. */

import { fileURLToPath } from 'node:url';

type Command = readonly [program: string, ...args: string[]];

export interface Host {
  /** As in the table of the page. */
  name: string;
  /** The folder in `examples/hosts`. */
  folder: string;
  /** Run in the folder, in this order, before the program is started. */
  build?: readonly Command[];
  start(port: string): Command;
  /** Further variables of the host. */
  env?: Readonly<Record<string, string>>;
  /** Further headers, as a proxy adds them. */
  headers?: Readonly<Record<string, string>>;
  /** A file in which the host finds its variables, if not in the environment. */
  variables?: string;
  /**
   * Where the program serves the routes.
   *
   * @default '/api/vortex'
   */
  routes?: string;
  /**
   * Where the program receives webhooks.
   *
   * @default '/webhooks/vortex'
   */
  webhook?: string;
}

const node = (file: string) => (): Command => ['node', file];

/** The stages of API Gateway in front of a Lambda function. */
function lambda(library: string, folder: string): Host[] {
  const gateway = fileURLToPath(new URL('gateway.ts', import.meta.url));
  const behind = (api: string, payload: string, stage: string): Host => ({
    name: `AWS Lambda with ${library}, behind ${api}`,
    folder,
    start: () => ['node', gateway, 'index.js', payload, stage],
    ...(stage !== '' && { routes: `/${stage}/api/vortex`, webhook: `/${stage}/webhooks/vortex` }),
  });
  return [
    behind('a REST API with a stage', '1.0', 'prod'),
    behind('an HTTP API', '2.0', ''),
    behind('an HTTP API with a stage', '2.0', 'prod'),
  ];
}

const vercel = fileURLToPath(new URL('vercel.ts', import.meta.url));
const nextStart = (port: string): Command => ['next', 'start', '--port', port];

export const hosts: readonly Host[] = [
  // Those that take longest to build come first.
  { name: 'Next.js, App Router', folder: 'next', build: [['next', 'build']], start: nextStart },
  {
    name: 'Next.js, App Router with basePath and trailingSlash',
    folder: 'next-base-path',
    build: [['next', 'build']],
    start: nextStart,
    routes: '/shop/api/vortex',
    webhook: '/shop/webhooks/vortex/',
  },
  {
    name: 'Next.js, Pages Router',
    folder: 'next-pages',
    build: [['next', 'build']],
    start: nextStart,
    webhook: '/api/webhooks/vortex',
  },
  { name: 'Nuxt', folder: 'nuxt', build: [['nuxt', 'build']], start: node('.output/server/index.mjs') },
  {
    name: 'React Router',
    folder: 'react-router',
    build: [['react-router', 'build'], ['react-router', 'typegen'], ['tsc']],
    start: () => ['react-router-serve', 'build/server/index.js'],
  },
  {
    name: 'SvelteKit',
    folder: 'sveltekit',
    build: [
      ['vite', 'build'],
      ['tsc', '--noEmit'],
    ],
    start: node('build'),
    // It takes itself for a host of https.
    env: { PROTOCOL_HEADER: 'x-forwarded-proto' },
    headers: { 'x-forwarded-proto': 'http' },
  },
  {
    name: 'Astro',
    folder: 'astro',
    build: [
      ['astro', 'build'],
      ['tsc', '--noEmit'],
    ],
    start: node('dist/server/entry.mjs'),
  },
  {
    name: 'TanStack Start',
    folder: 'tanstack-start',
    build: [['vite', 'build'], ['tsc']],
    start: () => ['srvx', '--prod', 'dist/server/server.js'],
  },
  {
    name: 'Cloudflare Workers',
    folder: 'workers',
    build: [['tsc']],
    start: (port) => ['wrangler', 'dev', '--port', port],
    variables: '.dev.vars',
  },
  { name: 'NestJS on Express', folder: 'nest-express', build: [['tsc']], start: node('dist/nest-express/src/main.js') },
  { name: 'NestJS on Fastify', folder: 'nest-fastify', build: [['tsc']], start: node('dist/nest-fastify/src/main.js') },
  { name: 'Express 5, JavaScript', folder: 'express', start: node('app.js') },
  { name: 'Express 4, JavaScript', folder: 'express-4', start: node('app.js') },
  { name: 'Express 5, TypeScript', folder: 'express-typescript', build: [['tsc']], start: node('app.ts') },
  { name: 'Fastify', folder: 'fastify', start: node('app.js') },
  { name: 'Hono on Node', folder: 'hono-node', start: node('app.js') },
  { name: 'Bun', folder: 'bun', start: () => ['bun', 'app.js'] },
  {
    name: 'Deno',
    folder: 'deno',
    // The flags of the page, but for `.env`: these programs get their variables from the environment.
    start: (port) => ['deno', 'serve', '--allow-net', '--allow-env', '--port', port, 'app.js'],
  },
  { name: 'Koa', folder: 'koa', start: node('app.js') },
  { name: 'Elysia', folder: 'elysia', start: () => ['bun', 'app.ts'] },
  { name: 'h3', folder: 'h3', start: node('app.js') },
  {
    name: 'Vercel Functions on Node',
    folder: 'vercel',
    build: [['tsc']],
    start: node(vercel),
    webhook: '/api/webhooks/vortex',
  },
  ...lambda('hono/aws-lambda', 'lambda-hono'),
  ...lambda('@fastify/aws-lambda', 'lambda-fastify'),
  ...lambda('serverless-http', 'lambda-express'),
  {
    name: 'Google Cloud Functions',
    folder: 'cloud-functions',
    start: (port) => ['functions-framework', '--target=app', `--port=${port}`],
  },
  {
    name: 'Firebase',
    folder: 'firebase',
    start: (port) => ['functions-framework', '--target=web', `--port=${port}`],
  },
];
