/** What an editor shows of our types while a rule is written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript59';
import { describe, expect, test } from 'vitest';
import { compilerOptions, writeProgram } from './program.js';

const text = `
import { vortexRouter } from '@vortex/express';

interface User {
  id: string;
}

export const router = vortexRouter({
  apiKey: 'k',
  authenticateUser: (): User => ({ id: 'ada' }),
  authorizeOperation: {
    JWT: (op) => op.context?.scope !== undefined,
    GET_INVITATIONS: (op) => op.self,
    CREATE_INVITATION: (op) => op.inviter.userId === op.scopes[0]?.scopeId,
    GET_INVITATION: true,
    REVOKE_INVITATION: async (op, user) => (await op.loadInvitation()).foreignCreatorId === user.id,
    REINVITE: true,
    ACCEPT_INVITATIONS: async (op) => op.self && (await op.loadInvitations()).length === 1,
    GET_GROUP_INVITATIONS: (op) => op.scope === '',
    DELETE_GROUP_INVITATIONS: true,
    GET_AUTOJOIN_DOMAINS: true,
    CONFIGURE_AUTOJOIN: true,
    SYNC_INTERNAL_INVITATION: (op) => op.self,
  },
});
`;
const folder = writeProgram('editor', ['@vortex/core', '@vortex/express', 'express', '@types/express'], {
  'main.ts': text,
});
const main = join(folder, 'main.ts');
const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, folder);
const { fileExists, readFile, directoryExists, getDirectories } = ts.sys;
const service = ts.createLanguageService({
  fileExists,
  readFile,
  directoryExists,
  getDirectories,
  getCompilationSettings: () => options,
  getScriptFileNames: () => [main],
  getScriptVersion: () => '1',
  getScriptSnapshot: (file) =>
    ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(readFileSync(file, 'utf8')) : undefined,
  getCurrentDirectory: () => folder,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
});

/** The position of the last word of a snippet. */
function positionOf(snippet: string): number {
  const [word = ''] = /\w+$/u.exec(snippet) ?? [];
  const pattern = new RegExp(`${snippet.replaceAll(/[.?()]/gu, '\\$&')}(?!\\w)`, 'gu');
  const starts = Array.from(text.matchAll(pattern), ({ index }) => index);
  expect(starts).toHaveLength(1);
  return (starts[0] ?? 0) + snippet.length - word.length;
}

function infoAt(position: number) {
  const info = service.getQuickInfoAtPosition(main, position);
  return {
    type: ts.displayPartsToString(info?.displayParts),
    documentation: ts.displayPartsToString(info?.documentation),
  };
}

describe('an editor shows', () => {
  test.each([
    ['GET_INVITATIONS: (op) => op.self', '(property) GetInvitationsOperation.self: boolean'],
    ['op.inviter', '(property) CreateInvitationOperation.inviter: OperationInviter'],
    ['op.scopes', '(property) CreateInvitationOperation.scopes: readonly OperationScope[]'],
    ['?.scopeId', '(property) OperationScope.scopeId: string | undefined'],
    ['op.loadInvitation', '(method) OneInvitationOperation.loadInvitation(): Promise<Invitation>'],
  ])('the type and the documentation of %s', (snippet, type) => {
    const info = infoAt(positionOf(snippet));
    expect(info.type).toBe(type);
    expect(info.documentation).toMatch(/^[A-Z].+\.$/su);
  });

  test.each([
    ['JWT: (op', 'JwtOperation'],
    ['CREATE_INVITATION: (op', 'CreateInvitationOperation'],
    ['REVOKE_INVITATION: async (op', 'RevokeInvitationOperation'],
  ])('the type of %s, which has documentation', (snippet, type) => {
    const position = positionOf(snippet);
    expect(infoAt(position).type).toBe(`(parameter) op: ${type}`);
    // TypeScript shows no documentation of a parameter whose type is inferred, but that of its type.
    const [definition] = service.getTypeDefinitionAtPosition(main, position) ?? [];
    const source = service.getProgram()?.getSourceFile(definition?.fileName ?? '')?.text ?? '';
    const { start = 0 } = definition?.contextSpan ?? {};
    expect(source.slice(start)).toMatch(new RegExp(`^(/\\*\\* .+ \\*/\\s+)?export interface ${type} `, 'u'));
  });

  test.each(Array.from(text.matchAll(/^ {4}(\w+):/gmu), ([, key]) => key as string))(
    'the type and the documentation of the rule %s',
    (key) => {
      const info = infoAt(positionOf(`    ${key}`));
      expect(info.type).toMatch(
        new RegExp(`^\\(property\\) ${key}\\?: boolean \\| RuleFunction<\\w+Operation, User, `, 'u'),
      );
      expect(info.documentation).toMatch(/^(?:GET|POST|DELETE) `\/.+`: .+\.$/u);
    },
  );
});
