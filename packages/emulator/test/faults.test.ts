/** Tests fault injection. */
import { VortexClient } from '@vortex/core';
import { createEmulator, type Emulator, startEmulator } from '@vortex/emulator';
import { Window } from 'happy-dom';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { call, invite, newInvitation } from './helpers.js';

const ROUTE = 'GET /api/v1/invitations/:invitationId';
let emulator: Emulator;
let read: () => Promise<Response>;

beforeAll(async () => {
  emulator = await startEmulator();
  read = () => fetch(`${emulator.url}/api/v1/invitations/x`, { headers: { 'x-api-key': emulator.apiKey } });
});
afterEach(() => emulator.reset());
afterAll(() => emulator.close());

describe('faults', () => {
  it('a fault answers with its status and the usual error body until the reset', async () => {
    emulator.fault(ROUTE, { status: 503, headers: { 'retry-after': '2' } });
    for (let n = 0; n < 3; n += 1) {
      const response = await read();
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await response.json()).toMatchObject({ statusCode: 503, error: 'Service Unavailable' });
    }
    emulator.reset();
    expect((await read()).status).toBe(404);
  });

  it('a fault affects as many requests as times allows', async () => {
    emulator.fault(ROUTE, { status: 429, times: 2 });
    expect([(await read()).status, (await read()).status, (await read()).status]).toEqual([429, 429, 404]);
  });

  it('a fault with 0 as times removes the earlier fault on its route, and no other', async () => {
    emulator.fault(ROUTE, { status: 503 });
    emulator.fault('POST /api/v1/invitations', { status: 503 });
    emulator.fault(ROUTE, { times: 0 });
    expect((await read()).status).toBe(404);
    const { status } = await call(emulator, 'POST /api/v1/invitations', newInvitation());
    expect(status).toBe(503);
  });

  it('a fault sends an object body as JSON and a string body unchanged', async () => {
    emulator.fault(ROUTE, { body: { id: 'made-up' }, times: 1 });
    const json = await read();
    expect([json.status, await json.json()]).toEqual([200, { id: 'made-up' }]);
    emulator.fault(ROUTE, { status: 502, body: '<h1>Bad gateway</h1>', headers: { 'content-type': 'text/html' } });
    const html = await read();
    expect([html.status, html.headers.get('content-type'), await html.text()]).toEqual([
      502,
      'text/html',
      '<h1>Bad gateway</h1>',
    ]);
    for (const status of [204, 205]) {
      emulator.fault(ROUTE, { status });
      expect((await read()).status).toBe(status);
    }
    emulator.fault(ROUTE, { body: null });
    expect(await (await read()).json()).toBeNull();
  });

  it('the reset fault breaks the connection', async () => {
    emulator.fault(ROUTE, { reset: true, times: 1 });
    await expect(read()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect((await read()).status).toBe(404);
  });

  it('the reset fault makes the fetch of an emulator in process reject', async () => {
    const inProcess = createEmulator();
    inProcess.fault(ROUTE, { reset: true, times: 1 });
    const ask = () =>
      inProcess.fetch(`${inProcess.url}/api/v1/invitations/x`, { headers: { 'x-api-key': inProcess.apiKey } });
    await expect(ask()).rejects.toMatchObject({ name: 'TypeError', cause: { code: 'ECONNRESET' } });
    expect((await ask()).status).toBe(404);
  });

  it('the garbage fault answers with the content type JSON and a body that is not JSON', async () => {
    emulator.fault(ROUTE, { garbage: true });
    const response = await read();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  it('a fault with a delay alone waits and then gives the regular answer', async () => {
    emulator.fault(ROUTE, { delay: 40 });
    const start = performance.now();
    expect((await read()).status).toBe(404);
    expect(performance.now() - start).toBeGreaterThan(35);
  });

  // The environment jsdom of Vitest puts the AbortController of its page in place of Node's.
  it.each([
    ['Node', AbortController],
    ['a page', new Window().AbortController],
  ])('with the AbortController of %s, reset() drops delayed requests, which change nothing', async (_, controller) => {
    vi.stubGlobal('AbortController', controller);
    onTestFinished(() => void vi.unstubAllGlobals());
    const inProcess = createEmulator();
    inProcess.fault('POST /api/v1/invitations', { delay: 60_000 });
    const late = inProcess.fetch(`${inProcess.url}/api/v1/invitations`, {
      method: 'POST',
      headers: { 'x-api-key': inProcess.apiKey },
      body: JSON.stringify(newInvitation()),
    });
    // In process, the request reaches its delay before the event loop runs this callback.
    setImmediate(() => inProcess.reset());
    await expect(late).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(inProcess.invitations).toEqual([]);
  });

  it('many delayed requests print no warning', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    onTestFinished(() => void process.off('warning', warn));
    emulator.fault(ROUTE, { delay: 60_000, times: 20 });
    const delayed = Promise.allSettled(Array.from({ length: 20 }, read));
    const faults = async () => (await fetch(`${emulator.url}/_emulator/faults`)).json();
    await expect.poll(faults).toEqual({ faults: [] });
    emulator.reset();
    await delayed;
    expect(warnings).toEqual([]);
  });

  it('a fault affects its own route only, and only requests with the API key', async () => {
    emulator.fault(ROUTE, { status: 500 });
    const { id } = await invite(emulator);
    expect((await call(emulator, `POST /api/v1/invitations/${id}/reinvite`)).status).toBe(200);
    expect((await fetch(`${emulator.url}/api/v1/invitations/x`)).status).toBe(401);
  });

  it('a later fault on a route replaces the earlier one', async () => {
    emulator.fault(ROUTE, { status: 500 });
    emulator.fault(ROUTE, { status: 503 });
    expect((await read()).status).toBe(503);
  });

  it('a fault with a misspelt route or an unknown field does not compile, and is refused', () => {
    const refusal = (word: string) =>
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(word) });
    // @ts-expect-error: the route is spelt "invitations"
    expect(() => emulator.fault('GET /api/v1/invitation/:invitationId', { status: 500 })).toThrow(refusal(ROUTE));
    // @ts-expect-error: the field is named "status"
    expect(() => emulator.fault(ROUTE, { statusCode: 500 })).toThrow(refusal('status'));
    // @ts-expect-error: a fault is an object
    expect(() => emulator.fault(ROUTE, 500)).toThrow(refusal('object'));
  });

  it.each([
    ['delay', '5s', 'a number of milliseconds from 0 to 2147483647'],
    ['delay', -1, 'a number of milliseconds'],
    ['delay', 2 ** 31, 'a number of milliseconds'],
    ['times', 1.5, 'a whole number, 0 or more'],
    ['times', null, 'a whole number'],
    ['status', 70, 'a whole number from 200 to 599'],
    ['status', 0, 'from 200 to 599'],
    ['status', 600, 'from 200 to 599'],
    ['status', '503', 'from 200 to 599'],
    ['headers', { 'no name': 'x' }, 'valid header names'],
    ['headers', { age: 1 }, 'valid texts'],
    ['reset', 'yes', 'true'],
    ['garbage', false, 'true'],
  ])('a fault with %s %j is refused by its name in process, and with 400 over HTTP', async (field, value, allowed) => {
    const fault = { [field]: value };
    const message = expect.stringMatching(`^${field} must be .*${allowed}`);
    const refusal = expect.objectContaining({ code: 'INVALID_ARGUMENT', message });
    expect(() => emulator.fault(ROUTE, fault)).toThrow(refusal);
    const answer = await call(emulator, 'PUT /_emulator/faults', { route: ROUTE, fault });
    expect(answer).toMatchObject({ status: 400, body: { message: [message] } });
    expect((await read()).status).toBe(404);
  });

  it('a fault with a body that cannot be JSON is refused', () => {
    const refusal = expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('body must'),
    });
    expect(() => emulator.fault(ROUTE, { body: { count: 1n } })).toThrow(refusal);
    expect(() => emulator.fault(ROUTE, { body: () => {} })).toThrow(refusal);
  });

  it('a fault of the client API affects calls with a token, and not those with the API key on the same path', async () => {
    const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
    const token = await client.generateToken({ user: { id: 'user-1' } });
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(`${emulator.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
      });
      return [response.status, response.headers.get('access-control-allow-origin')];
    };
    emulator.fault('client GET /api/v1/invitations/:invitationId', { status: 503 });
    emulator.fault('client GET /api/v1/widgets/:componentId', { garbage: true, times: 1 });
    emulator.fault('client POST /api/v1/events', { status: 500 });
    // A page of another origin can read the error.
    expect(await ask('/invitations/x')).toEqual([503, '*']);
    expect((await read()).status).toBe(404);
    expect(await ask('/invitations/sent')).toEqual([200, '*']);
    expect(await ask('/events', 'POST')).toEqual([500, '*']);
    const garbled = await fetch(`${emulator.url}/api/v1/widgets/any`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await expect(garbled.json()).rejects.toThrow(SyntaxError);
    emulator.fault('client GET /api/v1/invitations', { reset: true });
    await expect(ask('/invitations')).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  });

  it('a fault with two kinds of failure does not compile', () => {
    // @ts-expect-error: a broken connection has no status
    emulator.fault(ROUTE, { reset: true, status: 500 });
  });
});
