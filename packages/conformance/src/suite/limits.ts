/** Limits of the contents of a body and a query, and of the text that a refusal quotes. */
import { openApiDocument } from '@vortex/core/openapi';
import { expect, test } from 'vitest';
import type { Received } from '../http.js';
import { bodyWith, type Schema, textFields } from '../text-fields.js';
import { ann, json, newInvitation } from './data.js';
import type { Group } from './group.js';

/** Texts of 60 kB that a rule might need long to read. Each begins with a control character, which breaks a further rule. */
const LONG_TEXTS = ['%25', 'e\u0301', 'a', 'a.', '1-', '@', '/', '\u{1f680}'].map(
  (part) => `\u007f${part.repeat(60_000 / Buffer.byteLength(part))}`,
);

export const limits: Group = {
  of: 'core',
  title: 'limits',
  define({ upstream, call, expectRefusal }) {
    const send = (body: string) =>
      call('POST', '/invitations', { user: ann, body, headers: { 'content-type': 'application/json' } });
    /** Writes a new invitation with one more field, as JSON text. */
    const invitationWith = (field: string) => `${JSON.stringify(newInvitation()).slice(0, -1)},${field}}`;
    const expectNamed = (reply: Received, path: string) => {
      expectRefusal(reply, 400, 'INVALID_REQUEST');
      expect(reply.json.issues).toEqual([{ path, message: expect.any(String) }]);
    };

    const fields = Object.entries(openApiDocument().paths).flatMap(([path, { post }]) => {
      const schema = post?.requestBody?.content['application/json'].schema as Schema | undefined;
      return textFields(schema ?? {}).map(
        ([field, maximum]) => [path.replace(/\{\w+\}/gu, 'i'), field, maximum] as const,
      );
    });

    test.each(fields)(
      'POST %s with text at %j that is longer than %i characters is answered 400 with one issue about it',
      async (path, field, maximum) => {
        const text = LONG_TEXTS[fields.findIndex((one) => one[1] === field) % LONG_TEXTS.length] ?? '';
        const reply = await call('POST', path, json(bodyWith(field, text)));
        expectRefusal(reply, 400, 'INVALID_REQUEST');
        const name = field.join('.');
        const issues = reply.json.issues.filter((issue: { path: string }) => issue.path === name);
        expect(issues).toEqual([{ path: name, message: expect.stringContaining(`${maximum} characters`) }]);
      },
    );

    test('five routes have text in their body', () => {
      expect(new Set(fields.map(([path]) => path)).size).toBe(5);
    });

    test.each([
      ['metadata.deep.1.n', '"metadata":{"deep":[1,{"n":1e999}]}'],
      ['anything', '"anything":-1e999'],
    ])('a number at %s that JSON cannot keep is answered 400', async (path, field) => {
      expectNamed(await send(invitationWith(field)), path);
    });

    test.each([
      ['metadata', '{"__proto__":{"a":1}}'],
      ['templateVariables', '{"__proto__":"a"}'],
    ])('a key __proto__ of %s is answered 400', async (map, value) => {
      expectNamed(await send(invitationWith(`"${map}":${value}`)), `${map}.__proto__`);
    });

    test('a key __proto__ of an object within metadata reaches the API', async () => {
      await send(invitationWith('"metadata":{"deep":{"__proto__":{"a":1}}}'));
      expect(upstream.arrivals[0]?.body).toContain('"metadata":{"deep":{"__proto__":{"a":1}}}');
    });

    test.each([
      ['a key of metadata', 'metadata.deep.�', String.raw`"metadata":{"deep":{"\ud800":1}}`],
      ['a text of metadata', 'metadata.deep', String.raw`"metadata":{"deep":"a\udc00"}`],
      ['a key of templateVariables', 'templateVariables.a�', String.raw`"templateVariables":{"a\ud800":"a"}`],
      ['a text field', 'source', String.raw`"source":"\ud800"`],
    ])('a lone surrogate in %s is answered 400', async (_, path, field) => {
      expectNamed(await send(invitationWith(field)), path);
    });

    test('a body with more than 10,000 values is answered 400', async () => {
      expectRefusal(await send(invitationWith(`"other":[${'1,'.repeat(10_000)}1]`)), 400, 'INVALID_REQUEST');
    });

    test.each(['metadata', 'templateVariables'])(
      'a body with more than 1,000 entries of %s is answered 400',
      async (map) => {
        const value = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [index, 'a']));
        expectNamed(await call('POST', '/invitations', json({ ...newInvitation(), [map]: value })), map);
      },
    );

    test.each<[string, unknown]>([
      ['short', Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [index, index]))],
      [
        'long',
        Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${'\u0001"é'.repeat(60)}${index}`, index])),
      ],
    ])('the refusal of many fields with %s names has 20 issues and at most 8 kB', async (_, templateVariables) => {
      const reply = await call('POST', '/invitations', json({ ...newInvitation(), templateVariables }));
      expectRefusal(reply, 400, 'INVALID_REQUEST');
      expect(reply.json.issues).toHaveLength(20);
      expect(Buffer.byteLength(reply.text)).toBeLessThanOrEqual(8 * 1024);
    });

    test('a query over 2 kB is answered 400 for its length, even if its encoding is broken too', async () => {
      const reply = await call('GET', `/invitations?${'%f'.repeat(2000)}`);
      expectRefusal(reply, 400, 'INVALID_REQUEST');
      expect(reply.json.error).toContain('2048');
    });

    test('the refusal of a long query key has at most 1 kB', async () => {
      const key = 'k'.repeat(1000);
      const reply = await call('GET', `/invitations?${key}=1&${key}=2`);
      expectRefusal(reply, 400, 'INVALID_REQUEST');
      expect(reply.text.length).toBeLessThan(1024);
    });
  },
};
