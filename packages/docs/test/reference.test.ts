/** The reference has every export, option, error code and route. The lists come from the snapshots of the packed packages. */
import { readFileSync } from 'node:fs';
import { codesOf, referencePages, root } from '@vortex/docs/reference';
import { describe, expect, test } from 'vitest';

const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const pages = referencePages();
const text = pages.map(({ body }) => body).join('\n');
const anchors = new Set(Array.from(text.matchAll(/\{#([^}]+)\}$/gmu), ([, anchor]) => anchor));

const packages = ['core', 'express', 'fastify', 'hono', 'browser', 'react', 'emulator'];

describe.each(packages)('@vortex/%s', (name) => {
  const snapshot = read(`packages/consumers/test/snapshots/${name}.txt`);
  const exported = snapshot.slice(0, snapshot.search(/^(?:not exported|files)$/mu));
  const declared = Array.from(
    exported.matchAll(/^ {2}(?:abstract )?(?:class|const|enum|function|interface|type) ([\w$]+)\b(?! of )/gmu),
    ([, one = '']) => one,
  );

  test(`the reference has every export of @vortex/${name}`, () => {
    expect(declared).not.toEqual([]);
    expect(declared.filter((one) => !anchors.has(one))).toEqual([]);
  });

  test(`the reference has every option of @vortex/${name}, with its docstring`, () => {
    const options = Array.from(
      exported.matchAll(/^ {2}interface (\w+(?:Options|Config))\b.*\{\n((?: {4}.*\n)*)/gmu),
    ).flatMap(([, owner = '', members = '']) =>
      Array.from(members.matchAll(/^ {4}(?:readonly )?(\w+)\??[:(<]/gmu), ([, member]) => `${owner}.${member}`),
    );
    const undocumented = options.filter((option) => {
      const [, , after = ''] = text.split(new RegExp(`(\\{#${option.replaceAll('.', '\\.')}\\})$`, 'mu'));
      // Its signature, and at least one sentence below it.
      return !/^\n+```ts\n[^`]+\n```\n+[^#\n]/u.test(after);
    });
    expect(undocumented).toEqual([]);
  });
});

test('the page of the error codes has every code of the OpenAPI document', () => {
  const { enum: codes } = JSON.parse(read('packages/core/openapi.json')).components.schemas.Failure.properties.code;
  expect(codesOf()).toEqual(codes);
  expect(codes.length).toBeGreaterThan(20);
});

test('the page of the routes has every route of the OpenAPI document', () => {
  const { paths } = JSON.parse(read('packages/core/openapi.json')) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const page = pages.find(({ route }) => route === 'reference/routes')?.body ?? '';
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/gu, ':$1')}`),
  );
  expect(routes.length).toBeGreaterThan(12);
  expect(routes.filter((route) => !page.includes(`| \`${route}\` |`))).toEqual([]);
});
