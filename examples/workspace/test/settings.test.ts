import { expect, it } from 'vitest';
import { readSettings } from '../server/settings.js';

it('has a default for everything', () => {
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

it('reads what is given', () => {
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
  [{ PORT: 'x' }, [], 'PORT is "x"; set it to a number from 0 to 65535'],
  [{ PORT: '65536' }, [], 'PORT is "65536"'],
  [{ PORT: '-1' }, [], 'PORT is "-1"'],
  [{ SERVER: 'koa' }, [], 'SERVER (or --server) is "koa"; set it to express, fastify, hono'],
  [{}, ['--server=koa'], 'is "koa"'],
  [{}, ['--sever=hono'], '"--sever=hono" is not understood'],
  [{ DATABASE_URL: 'mysql://x' }, [], 'DATABASE_URL must be like postgres://'],
  [{ VORTEX_API_KEY: 'k' }, [], 'so set VORTEX_WEBHOOK_SECRET too'],
])('says what to change: %j %j', (env, args, sentence) => {
  expect(() => readSettings(env, args)).toThrow(sentence);
});
