import { expect, it } from 'vitest';
import { readSettings } from '../server/settings.js';

it('readSettings returns the defaults for an empty environment', () => {
  const expected = {
    port: undefined,
    server: 'express',
    database: undefined,
    apiKey: undefined,
    webhookSecret: undefined,
  };
  expect(readSettings({})).toEqual(expected);
  expect(readSettings({ PORT: '', SERVER: '', DATABASE_URL: '', VORTEX_API_KEY: '' })).toEqual(expected);
});

it('readSettings reads the environment, and --server takes precedence over SERVER', () => {
  const env = {
    PORT: '8080',
    SERVER: 'hono',
    DATABASE_URL: 'postgres://a:b@db/c',
    VORTEX_API_KEY: 'k',
    VORTEX_WEBHOOK_SECRET: 's',
  };
  const expected = {
    port: 8080,
    server: 'hono',
    database: { url: 'postgres://a:b@db/c' },
    apiKey: 'k',
    webhookSecret: 's',
  };
  expect(readSettings(env)).toEqual(expected);
  expect(readSettings(env, ['--server', 'fastify']).server).toBe('fastify');
  expect(readSettings(env, ['--server=express']).server).toBe('express');
});

it.each<[Record<string, string>, string[], string]>([
  [{ PORT: 'x' }, [], 'PORT is "x". Set it to a number from 0 to 65535'],
  [{ PORT: '65536' }, [], 'PORT is "65536"'],
  [{ PORT: '-1' }, [], 'PORT is "-1"'],
  [{ SERVER: 'koa' }, [], 'SERVER (or --server) is "koa". Set it to one of express, fastify, hono'],
  [{}, ['--server=koa'], 'is "koa"'],
  [{}, ['--sever=hono'], '"--sever=hono" are not valid'],
  [{ DATABASE_URL: 'mysql://x' }, [], 'DATABASE_URL is not a PostgreSQL URL'],
  [{ VORTEX_API_KEY: 'k' }, [], 'VORTEX_WEBHOOK_SECRET is missing'],
])('the settings %j %j throw an error that says what to change', (env, args, sentence) => {
  expect(() => readSettings(env, args)).toThrow(sentence);
});
