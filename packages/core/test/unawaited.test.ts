/** Rules that do not await what they asked for: they deny, and what fails later does not end the process. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { type OperationName, type OperationOf, VortexClient, type VortexUser } from '@vortex/core';
import { inEveryScope, isInvitee, isInviter } from '@vortex/core/rules';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { KEY, perform } from './helpers.ts';

/** A second copy of the package, as a bundle of rules or a CommonJS loader makes it. */
const folder = mkdtempSync(new URL('../node_modules/.copy-', import.meta.url).pathname);
cpSync(new URL('../dist', import.meta.url), `${folder}/dist`, { recursive: true });
cpSync(new URL('../package.json', import.meta.url), `${folder}/package.json`);
const copy = (await import(/* @vite-ignore */ `${folder}/dist/rules.js`)) as typeof import('@vortex/core/rules');
afterAll(() => rmSync(folder, { recursive: true }));

type Rule<Name extends OperationName> = (op: OperationOf<Name>, user: VortexUser) => boolean | Promise<boolean>;

/** Answers every call with an invitation of another user and the status. */
function client(status = 200): VortexClient {
  const answer = { id: 'i', foreignCreatorId: 'u-ben', invitations: [{ id: 'i' }] };
  return new VortexClient(KEY, {
    baseUrl: 'https://api.example',
    fetch: async () => Response.json(answer, { status }),
  });
}

describe('the result of a rule of @vortex/core/rules', () => {
  const isMember = inEveryScope(() => false);
  const revoke = (rule: Rule<'REVOKE_INVITATION'>) =>
    perform(
      'REVOKE_INVITATION',
      { url: '/invitations/i' },
      { client: client(), authorizeOperation: { REVOKE_INVITATION: rule } },
    );

  test.each<[string, Rule<'REVOKE_INVITATION'>]>([
    [
      'behind !',
      (op, user) => {
        if (!isInviter(op, user)) return false;
        return true;
      },
    ],
    ['behind ! in an asynchronous rule', async (op, user) => !(!isInviter(op, user) && op)],
    ['as a Boolean', (op, user) => Boolean(isInvitee(op, user))],
    ['dropped by void', (op, user) => void isMember(op, user) === undefined],
    [
      'only if another one is false',
      async (op, user) => {
        const [first, second] = [isInvitee(op, user), isInviter(op, user)];
        return !(await first) || (await second);
      },
    ],
    ['of another copy of the package', (op, user) => !!copy.isInviter(op, user)],
    ['beside one that is awaited', async (op, user) => !!isInvitee(op, user) && !(await isMember(op, user))],
  ])('that is not awaited (%s) denies, and the log says so', async (_, rule) => {
    const { status, answer, logged } = await revoke(rule);
    expect([status, answer.code]).toEqual([403, 'FORBIDDEN']);
    const line = expect.stringMatching(/the rule for REVOKE_INVITATION returned true, .* await/u);
    expect(logged).toEqual([['warn', line]]);
  });

  test.each<[string, Rule<'REVOKE_INVITATION'>]>([
    ['awaited behind !', async (op, user) => !(await isInviter(op, user))],
    ['awaited in a Promise.all', async (op, user) => (await Promise.all([isInviter(op, user)])).length === 1],
    ['read by then', (op, user) => Promise.resolve(isInviter(op, user).then((allowed) => !allowed))],
  ])('that is %s decides', async (_, rule) => {
    expect((await revoke(rule)).status).toBe(200);
  });
});

describe('a load that a rule has begun and does not await', () => {
  const start: [string, Rule<'ACCEPT_INVITATIONS'>][] = [
    ['loadInvitations', (op) => op.loadInvitations() === undefined],
    ['loadOwnInvitations', (op) => op.loadOwnInvitations() === undefined],
    ['isInviter', (op, user) => isInviter(op, user) === undefined],
  ];
  test.each(start.flatMap(([name, rule]) => [200, 404].map((status) => [name, status, rule] as const)))(
    'by %s, answered with %i, is no unhandled rejection',
    async (_, status, rule) => {
      const rejections: unknown[] = [];
      const note = (reason: unknown) => rejections.push(reason);
      process.on('unhandledRejection', note);
      onTestFinished(() => void process.off('unhandledRejection', note));
      const json = { invitationIds: ['i', 'j'], user: { email: 'ann@harbor.example' } };
      const options = { client: client(status), authorizeOperation: { ACCEPT_INVITATIONS: rule } };
      expect((await perform('ACCEPT_INVITATIONS', { json }, options)).status).toBe(403);
      // Node reports a rejection once the microtasks of a turn are done.
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(rejections).toEqual([]);
    },
  );
});
