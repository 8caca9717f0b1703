/** The cost of our types: files that the compiler reads and types that it makes. No time is measured. */
import { join } from 'node:path';
import ts from 'typescript59';
import { describe, expect, test } from 'vitest';
import { writeProgram } from './program.js';

const server = ['@vortex/core', '@vortex/express', '@vortex/fastify', '@vortex/hono'];
const folder = writeProgram(
  'cost',
  [...server, '@vortex/react', 'express', '@types/express', 'fastify', 'hono', 'react', '@types/react'],
  {},
);

/** The files that several programs read. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** A program of one file. */
function programOf(text: string): { program: ts.Program; file: ts.SourceFile } {
  const name = join(folder, 'main.ts');
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const file = ts.createSourceFile(name, text, {
    languageVersion: ts.ScriptTarget.ES2023,
    impliedNodeFormat: ts.ModuleKind.ESNext,
  });
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (each, ...rest) => {
    if (each === name) return file;
    if (!parsed.has(each)) parsed.set(each, getSourceFile(each, ...rest));
    return parsed.get(each);
  };
  host.fileExists = (each) => each === name || fileExists(each);
  const program = ts.createProgram([name], options, host);
  expect(program.getSemanticDiagnostics(file)).toEqual([]);
  return { program, file };
}

describe('the cost of types', () => {
  test.each([
    ...[...server, '@vortex/react'],
    ...['adapter', 'openapi', 'redis', 'rules', 'testing'].map((subpath) => `@vortex/core/${subpath}`),
  ])('a program that imports types of %s reads no file of zod', (name) => {
    const { program } = programOf(`export type * from '${name}';`);
    const files = program.getSourceFiles().map(({ fileName }) => fileName);
    expect(files.some((file) => file.includes('/@vortex/'))).toBe(true);
    expect(files.filter((file) => file.includes('/zod/'))).toEqual([]);
  });

  test('a program that switches over all operations makes fewer than 200 instantiations', () => {
    const { program } = programOf(`
import type { Operation } from '@vortex/core';
export function targetOf(op: Operation): string {
  switch (op.name) {
    case 'JWT':
      return op.context?.scope ?? '';
    case 'CREATE_INVITATION':
      return op.target.value;
    case 'GET_INVITATION':
    case 'REVOKE_INVITATION':
    case 'REINVITE':
      return op.invitationId;
    case 'ACCEPT_INVITATIONS':
      return op.invitationIds.join();
    case 'GET_GROUP_INVITATIONS':
    case 'DELETE_GROUP_INVITATIONS':
    case 'GET_AUTOJOIN_DOMAINS':
    case 'CONFIGURE_AUTOJOIN':
      return op.scope;
    case 'GET_INVITATIONS':
    case 'SYNC_INTERNAL_INVITATION':
      return op.targetValue;
  }
}`);
    expect(program.getInstantiationCount()).toBeLessThan(200);
  });
});
