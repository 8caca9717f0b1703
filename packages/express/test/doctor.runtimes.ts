/** Runs the emulator's doctor, the command that checks a running application, against one without faults and against applications that are broken in one way each. */
import { networkInterfaces } from 'node:os';
import { ADMIT_ALL, openEmulator, runDoctor } from '@vortex/conformance/doctor';
import { type CreateInvitationOperation, type JwtOperation, VortexClient } from '@vortex/core';
import { signWebhook } from '@vortex/core/testing';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express, { type Express, type Request } from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from './server.ts';

type Options = Parameters<typeof vortexRouter<{ id: string; email: string }>>[0];

const ADA = { id: 'user-1', email: 'ada@example.com' };
const GOOD = ['--cookie', 'session=ada', '--watch'];
const isAda = (req: Request) => req.get('cookie') === 'session=ada';

interface Parts {
  options?: Partial<Options>;
  /** Adds middleware before the mounts. */
  before?: (app: Express) => void;
  /** Mounts the webhook, which notes what it has added: the id of an event, or the address of a member. */
  webhook?: (app: Express, added: string[], secret: string, client: VortexClient) => void;
}

const goodWebhook: NonNullable<Parts['webhook']> = (app, added, secret) => {
  const note = ({ id }: { id: string }) => void added.push(id);
  app.post('/webhooks/vortex', vortexWebhook({ secret, on: { 'group.member.added': note } }));
};

/** Adds known accounts to known scopes, for accepted invitations of known inviters that exist, once for each. */
const carefulWebhook: NonNullable<Parts['webhook']> = (app, added, secret, client) => {
  app.post(
    '/webhooks/vortex',
    vortexWebhook({
      secret,
      on: {
        'group.member.added': async ({ data: { invitationId = '', scope, scopeType, user } }) => {
          if (scopeType !== 'team' || scope !== 'team-1' || user?.email !== 'grace@example.com') return;
          const { status, foreignCreatorId } = await client.getInvitation(invitationId);
          if (status !== 'accepted' || foreignCreatorId !== ADA.id || added.includes(user.email)) return;
          added.push(user.email);
        },
      },
    }),
  );
};

async function setup({ options, before, webhook = goodWebhook }: Parts = {}) {
  const emulator = await openEmulator();
  const app = express();
  const added: string[] = [];
  before?.(app);
  app.use(
    '/api/vortex',
    vortexRouter({
      apiKey: emulator.apiKey,
      baseUrl: emulator.url,
      authenticateUser: (req) => (isAda(req) ? ADA : null),
      authorizeOperation: ADMIT_ALL,
      ...options,
    } as Options),
  );
  webhook(app, added, emulator.webhookSecret, new VortexClient(emulator.apiKey, { baseUrl: emulator.url }));
  app.get('/members', (_, res) => void res.json(added));
  const server = await listen(app);
  onTestFinished(() => server.close());
  const mount = `${server.url}/api/vortex`;
  const args = [mount, '--webhook', `${server.url}/webhooks/vortex`, ...GOOD, `${server.url}/members`];
  return { emulator, added, url: server.url, args: [...args, '--event', 'group.member.added'] };
}

/** Serves an emulator on another port, as if it were called by another origin, and returns the URL. */
async function forward(
  emulator: Awaited<ReturnType<typeof openEmulator>>,
  origin: string,
  { hidesControl = false } = {},
): Promise<string> {
  const app = express();
  app.use(express.text({ type: '*/*' }), async (req, res) => {
    if (hidesControl && req.path.startsWith('/_emulator')) {
      return void res.status(404).json({ statusCode: 404, message: `Cannot ${req.method} ${req.path}` });
    }
    const reply = await emulator.fetch(origin + req.url, {
      method: req.method,
      headers: { 'x-api-key': req.get('x-api-key') ?? '' },
      ...(typeof req.body === 'string' && { body: req.body }),
    });
    res
      .status(reply.status)
      .type('json')
      .send(await reply.text());
  });
  const server = await listen(app);
  onTestFinished(() => server.close());
  return server.url;
}

async function examine(parts: Parts, more: string[] = [], dependencies: Record<string, string> = {}) {
  const { emulator, args } = await setup(parts);
  return runDoctor(emulator, [...args, ...more], dependencies);
}

describe('doctor', () => {
  it('the doctor finds nothing wrong with an application with a rule for every operation, and exits with 0', async () => {
    const { emulator, added, args } = await setup();
    const { code, output, wrong } = await runDoctor(emulator, args);
    expect(wrong, output).toEqual([]);
    expect(output).toContain('It is for user user-1, ada@example.com, and expires in 60 minutes.');
    expect(output).toContain('handled once');
    expect(output).toMatch(/\n[1-9]\d* right, 0 wrong, 0 unknown\.\n$/u);
    expect(code).toBe(0);
    // It leaves nothing open, and has revoked nothing of others.
    expect(emulator.invitations.map(({ deactivated }) => deactivated)).toEqual([true, true, true]);
    expect(added).toHaveLength(1);
  });

  it('without credentials and a webhook, the doctor says what it has not checked, and exits with 0', async () => {
    const { emulator, args } = await setup();
    const { code, output } = await runDoctor(emulator, args.slice(0, 1));
    expect(output).toContain('--cookie');
    expect(output).toContain('--webhook');
    expect(code).toBe(0);
  });

  it.each<[string, Parts, RegExp]>([
    [
      'admits signed-out callers',
      { options: { authenticateUser: () => ADA } },
      /signed-out caller gets 200 instead of 401.+\n.+authenticateUser/u,
    ],
    [
      'throws for signed-out callers',
      {
        options: {
          authenticateUser: (req: Request) => {
            if (isAda(req)) return ADA;
            throw new Error('no session');
          },
          logger: { warn() {}, error() {} },
        },
      },
      /signed-out caller gets 500/u,
    ],
    ['does not know the cookie', { options: { authenticateUser: () => null } }, /POST \/jwt answers 401.+\n.+null/u],
    [
      'returns a user without an id',
      {
        options: {
          authenticateUser: ((req: Request) => (isAda(req) ? { email: 'ada@example.com' } : null)) as never,
          logger: { warn() {}, error() {} },
        },
      },
      /BAD_AUTH_RESULT.+\n.+must return \{ id/u,
    ],
    [
      'has no rule for REINVITE',
      { options: { authorizeOperation: { ...ADMIT_ALL, REINVITE: undefined } } },
      /REINVITE is denied.+\n.+no rule for REINVITE/u,
    ],
    [
      'has no rule for JWT',
      { options: { authorizeOperation: { ...ADMIT_ALL, JWT: undefined } } },
      /JWT is denied.+\n.+no rule for JWT.+Only a page with a component/u,
    ],
    [
      'lets other sites write',
      { options: { csrf: 'off' } },
      /write from another site gets 200 instead of 403.+\n.+csrf/u,
    ],
    [
      'signs with another key',
      { options: { apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.other' } },
      /token that is not signed with the API key.+\n.+VORTEX_API_KEY/u,
    ],
    [
      'calls a service that is not there',
      { options: { baseUrl: 'http://127.0.0.1:9' } },
      /does not reach the service.+\n.+VORTEX_API_BASE_URL/u,
    ],
    [
      'parses JSON before the webhook',
      { before: (app) => void app.use(express.json()) },
      /JSON parser runs before the webhook.+\n.+express\.json/u,
    ],
    [
      'has another webhook secret',
      { webhook: (app, added, _, client) => goodWebhook(app, added, 'another secret', client) },
      /refuses an event that is signed with the secret.+\n.+VORTEX_WEBHOOK_SECRET/u,
    ],
    [
      'does not verify webhooks',
      { webhook: (app) => void app.post('/webhooks/vortex', (_, res) => void res.json({ received: true })) },
      /bad signature gets 200 instead of 401.+\n.+not verified/u,
    ],
    ['has no webhook at the URL', { webhook: () => {} }, /No webhook is mounted at/u],
    [
      'handles duplicates again',
      {
        webhook: (app, added, secret) => {
          app.post('/webhooks/vortex', express.raw({ type: 'application/json' }), async (req, res) => {
            const body = req.body as Buffer;
            if (req.get('x-vortex-signature') !== (await signWebhook(body.toString(), secret))) {
              return void res.status(401).json({ error: 'no' });
            }
            added.push('again');
            res.json({ received: true });
          });
        },
      },
      /duplicate is handled again.+\n.+store/u,
    ],
    [
      'answers webhooks with the handler of the vendor',
      {
        webhook: (app) =>
          void app.post('/webhooks/vortex', (_, res) => void res.status(401).json({ error: 'Invalid signature' })),
      },
      /handler of the vendor answers.+\n.+vortexWebhook/u,
    ],
  ])('of an application that %s, the doctor says so and what to do, and exits with 1', async (_, parts, finding) => {
    const { code, output, wrong } = await examine(parts);
    expect(wrong.join('\n'), output).toMatch(finding);
    expect(code).toBe(1);
  });

  it('an application that uses another emulator is told to change its base URL', async () => {
    const other = await openEmulator();
    const { code, wrong } = await examine({ options: { baseUrl: other.url } });
    expect(wrong).toEqual([expect.stringContaining('it calls another service')]);
    expect(code).toBe(1);
  });

  it('without an emulator, the doctor writes to no scope of the service that the application calls', async () => {
    const service = await openEmulator();
    const { emulator, args } = await setup({ options: { baseUrl: service.url } });
    await emulator.close();
    const { output } = await runDoctor(emulator, [...args, '--scope', 'team:team-1']);
    expect(output.replace(/\s+/gu, ' ')).toContain(
      'CREATE_INVITATION, DELETE_GROUP_INVITATIONS, CONFIGURE_AUTOJOIN were not tried',
    );
    const written = service.calls.filter(
      ({ method, path }) => method !== 'GET' && /\/(?:by-scope|by-group|autojoin)/u.test(path),
    );
    expect(written).toEqual([]);
    expect(service.calls.map(({ path }) => path)).toContainEqual(expect.stringContaining('/team/team-1'));
  });

  it('a service that is not the emulator is wrong, and the doctor and the application write nothing to it', async () => {
    const service = await openEmulator();
    const url = await forward(service, service.url, { hidesControl: true });
    const { added, args } = await setup({ options: { baseUrl: url } });
    const { code, output, wrong } = await runDoctor({ url }, [...args, '--scope', 'team:team-1']);
    expect(wrong, output).toEqual([
      expect.stringMatching(/is not the emulator, so the doctor makes no invitations.+\n.+--emulator http/u),
    ]);
    expect(output).toContain('The webhook was not tried with a signed event');
    expect(code).toBe(1);
    expect([service.invitations, service.outbox, added]).toEqual([[], [], []]);
    expect(service.calls.filter(({ method, status }) => method !== 'GET' && status !== 404)).toEqual([]);
  });

  it('an emulator whose control API refuses the doctor is recognised by its words', async () => {
    const emulator = await openEmulator({ host: '0.0.0.0' });
    // As by a proxy that keeps another host name, and as from another machine.
    const proxied = await forward(emulator, 'http://emulator.example.com');
    const outside = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal);
    const others = outside ? [`http://${outside.address}:${new URL(emulator.url).port}`] : [];
    for (const seen of [proxied, ...others]) {
      const { args } = await setup({ options: { baseUrl: emulator.url } });
      const { code, output, wrong } = await runDoctor({ url: seen }, args);
      expect(wrong, output).toEqual([]);
      expect(output).toContain(`The emulator at ${seen} takes the API key.`);
      expect(code).toBe(0);
    }
  });

  it('an emulator with a fault is reported as such', async () => {
    const { emulator, args } = await setup();
    emulator.fault('GET /api/v1/invitations/:invitationId', { status: 429, times: 1 });
    const { output } = await runDoctor(emulator, args);
    expect(output).toMatch(/unknown {2}The emulator at \S+ answers 429 .+\n.+fault/u);
  });

  /** Redirects each path to one with a slash at its end, as Next.js does with `trailingSlash`. */
  const withSlashes = (app: Express) =>
    void app.use((req, res, next) => {
      const [path = '', query] = req.url.split('?');
      const end = query === undefined ? '' : `?${query}`;
      if (!path.endsWith('/')) return void res.redirect(308, `${path}/${end}`);
      req.url = path.slice(0, -1) + end;
      next();
    });

  it('nothing is wrong with an application that redirects each path to one with a slash, if its webhook is given with the slash', async () => {
    const { emulator, args } = await setup({ before: withSlashes });
    const given = args.map((arg, index) => (args[index - 1] === '--webhook' ? `${arg}/` : arg));
    const { code, output } = await runDoctor(emulator, given);
    expect(output).toMatch(/ 0 wrong, 0 unknown\.\n$/u);
    expect(code).toBe(0);
  });

  it('a webhook behind middleware that redirects signed-out callers is wrong, and is to be mounted before it', async () => {
    const { wrong } = await examine({
      webhook: (app) => void app.post('/webhooks/vortex', (_, res) => res.redirect('/login')),
    });
    expect(wrong).toEqual([expect.stringMatching(/vortex redirects to http:\S+login\.\n.+mount the webhook before/u)]);
  });

  it('a webhook that redirects to its URL with a slash is wrong', async () => {
    const { wrong } = await examine({ before: withSlashes });
    expect(wrong).toEqual([expect.stringMatching(/vortex redirects to http:\S+vortex\/\.\n.+--webhook-url/u)]);
  });

  it('an application whose service refuses its key is told that base URL and key do not belong together', async () => {
    const other = await openEmulator({ apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.other' });
    const { wrong } = await examine({ options: { baseUrl: other.url } });
    expect(wrong).toEqual([expect.stringContaining('Base URL and key do not belong together')]);
  });

  it("csrf: 'off' is not wrong for a caller who signs in by a header and not by a cookie", async () => {
    const { emulator, args } = await setup({
      options: { csrf: 'off', authenticateUser: (req) => (req.get('authorization') === 'Bearer ada' ? ADA : null) },
    });
    const { code, output } = await runDoctor(emulator, [...args.slice(0, 3), '--header', 'Authorization: Bearer ada']);
    expect(output).toMatch(/unknown {2}A write from another site gets 200/u);
    expect(code).toBe(0);
  });

  it('an operation that is denied on purpose is named with --denied, and is not wrong', async () => {
    const rules = { ...ADMIT_ALL, REINVITE: false };
    const { code, output } = await examine({ options: { authorizeOperation: rules } }, ['--denied', 'REINVITE']);
    expect(output).toContain('Denied on purpose: REINVITE.');
    expect(code).toBe(0);
  });

  it('several operations without a rule are answered with one flag to copy, for those that are denied on purpose', async () => {
    const rules = { ...ADMIT_ALL, REINVITE: undefined, CREATE_INVITATION: undefined };
    const { output } = await examine({ options: { authorizeOperation: rules } }, ['--scope', 'team:t1']);
    expect(output.match(/--denied .+/gu)).toEqual(['--denied CREATE_INVITATION,REINVITE']);
  });

  it('the flag to copy leaves out operations on a scope, without --scope', async () => {
    const rules = { ...ADMIT_ALL, REINVITE: undefined, CREATE_INVITATION: undefined };
    const { output } = await examine({ options: { authorizeOperation: rules } });
    expect(output.match(/--denied .+/gu)).toEqual(['--denied REINVITE']);
  });

  it.each([
    'JWT',
    'CREATE_INVITATION',
    'GET_GROUP_INVITATIONS',
    'DELETE_GROUP_INVITATIONS',
    'GET_AUTOJOIN_DOMAINS',
    'CONFIGURE_AUTOJOIN',
  ])('without --scope, the advice on a denied %s names the flag', async (name) => {
    const { wrong } = await examine({ options: { authorizeOperation: { ...ADMIT_ALL, [name]: undefined } } });
    expect(wrong).toEqual([expect.stringMatching(/is denied.+\n.+a scope of the caller: --scope team:team-1\./u)]);
  });

  it('a token that the rule gives for a scope of the caller alone is asked for with --scope', async () => {
    const JWT = ({ context }: JwtOperation) => context?.scopeType === 'team' && context.scope === 't1';
    const options = { authorizeOperation: { ...ADMIT_ALL, JWT } };
    const { output, wrong } = await examine({ options }, ['--scope', 'team:t1']);
    expect([wrong, output]).toEqual([[], expect.stringContaining('The token of POST /jwt is signed')]);
    const without = await examine({ options });
    expect(without.wrong).toEqual([expect.stringContaining('JWT is denied')]);
    expect(without.output.replace(/\s+/gu, ' ')).toContain(
      'If the rule asks for a scope of the caller: --scope team:team-1',
    );
  });

  it('JWT is denied on purpose with --denied, and the rules are checked for the inviter of an invitation', async () => {
    const rules = {
      ...ADMIT_ALL,
      JWT: undefined,
      REINVITE: undefined,
      GET_INVITATIONS: (op: { self: boolean }) => op.self,
    };
    const { output, wrong } = await examine({ options: { authorizeOperation: rules } }, ['--denied', 'JWT']);
    expect(wrong, output).toEqual([expect.stringContaining('REINVITE is denied')]);
    expect(output).toContain(
      'The inviter of an invitation that the application makes is user user-1, ada@example.com.',
    );
    expect(output).toContain('A rule admits GET_INVITATIONS, ');
    expect(output).toContain('Denied on purpose: JWT.');
  });

  it('without a token and an invitation, the rules that ask for an address of the caller are unknown', async () => {
    const rules = {
      ...ADMIT_ALL,
      JWT: false,
      CREATE_INVITATION: false,
      GET_INVITATIONS: (op: { self: boolean }) => op.self,
    };
    const { code, output } = await examine({ options: { authorizeOperation: rules } }, [
      '--denied',
      'JWT,CREATE_INVITATION',
    ]);
    expect(output).toMatch(
      /unknown {2}GET_INVITATIONS and SYNC_INTERNAL_INVITATION were not tried: neither a token nor an invitation/u,
    );
    expect(output).toContain(
      'or sign in as a caller who is admitted. If their rules ask for a scope of the caller: --scope',
    );
    expect(output).toContain('Denied on purpose: JWT, CREATE_INVITATION.');
    expect(code).toBe(0);
  });

  it('rules that cannot be checked, since the token has no user, are named as unknown', async () => {
    const { output } = await examine({ options: { authenticateUser: () => null } });
    expect(output).toMatch(/unknown {2}The rules were not checked: GET_INVITATIONS, .+SYNC_INTERNAL_INVITATION\./u);
  });

  it('an operation that --denied names is wrong if a rule admits it', async () => {
    const { code, wrong } = await examine({}, ['--denied', 'REINVITE']);
    expect(wrong).toEqual([expect.stringContaining('admits this caller to REINVITE, which --denied names')]);
    expect(code).toBe(1);
  });

  it('the calls that the emulator receives show that the application uses it, if the caller may not read the invitation', async () => {
    const rules = { ...ADMIT_ALL, GET_INVITATION: false };
    const { output, wrong } = await examine({ options: { authorizeOperation: rules } }, ['--denied', 'GET_INVITATION']);
    expect(wrong, output).toEqual([]);
    expect(output).toContain('The application calls the emulator at');
    expect(output).toMatch(/A rule admits .+CREATE_INVITATION/u);
  });

  it('a rule that asks for metadata is met by --metadata, which the advice names', async () => {
    const rules = {
      ...ADMIT_ALL,
      CREATE_INVITATION: (op: { metadata?: Record<string, unknown> | undefined }) => op.metadata?.role === 'viewer',
    };
    const without = await examine({ options: { authorizeOperation: rules } });
    expect(without.wrong).toEqual([expect.stringContaining('--metadata role=viewer')]);
    const { code, output } = await examine({ options: { authorizeOperation: rules } }, ['--metadata', 'role=viewer']);
    expect(code, output).toBe(0);
  });

  /** A rule that admits e-mail addresses alone, and only with the name that the scope really has. */
  const strictRules = {
    ...ADMIT_ALL,
    CREATE_INVITATION: ({ target, scopes }: CreateInvitationOperation) =>
      target.type === 'email' &&
      scopes.length === 1 &&
      scopes.every(({ type, scopeId, name }) => type === 'team' && scopeId === 't1' && name === 'Red'),
  };

  it('a rule that admits e-mail addresses alone, with the real name of the scope, is met by --scope and --scope-name', async () => {
    const { emulator, args } = await setup({ options: { authorizeOperation: strictRules } });
    const { code, output, wrong } = await runDoctor(emulator, [...args, '--scope', 'team:t1', '--scope-name', 'Red']);
    expect(wrong, output).toEqual([]);
    expect(output).toMatch(/\n[1-9]\d* right, 0 wrong, 0 unknown\.\n$/u);
    expect(code).toBe(0);
    // An address that no message reaches. It is revoked like the others.
    const addresses = emulator.invitations.flatMap(({ target }) => target.map(({ value }) => value));
    expect(addresses).toContainEqual(expect.stringMatching(/@vortex-doctor\.invalid$/u));
    expect(emulator.invitations.filter(({ deactivated }) => !deactivated)).toEqual([]);
  });

  it('the inviter of an invitation to an e-mail address says who a caller without a token is', async () => {
    const rules = { ...strictRules, JWT: false, GET_INVITATIONS: (op: { self: boolean }) => op.self };
    const { code, output } = await examine({ options: { authorizeOperation: rules } }, [
      ...['--denied', 'JWT', '--scope', 'team:t1', '--scope-name', 'Red'],
    ]);
    expect(output).toContain('The inviter of an invitation that the application makes is user user-1');
    expect(output).toMatch(/ 0 wrong, 0 unknown\.\n$/u);
    expect(code).toBe(0);
  });

  it('a denied CREATE_INVITATION is reported with what was tried, and with the flag for the name of the scope', async () => {
    const { wrong } = await examine({ options: { authorizeOperation: strictRules } }, ['--scope', 'team:t1']);
    expect(wrong).toEqual([
      expect.stringMatching(
        /^CREATE_INVITATION is denied to this caller\. Tried: a target of the type internal, then one of the type email at vortex-doctor\.invalid, with the scope team:t1, its name "Vortex doctor" and no metadata\.\n.+--scope-name/u,
      ),
    ]);
  });

  it('a --scope whose id has a colon is taken if --scope-name is given', async () => {
    const { code, output } = await examine({}, ['--scope', 'team:urn:1', '--scope-name', 'Red']);
    expect(output).toMatch(/ 0 wrong, 0 unknown\.\n$/u);
    expect(code).toBe(0);
  });

  it('the doctor says at first that the emulator posts webhooks of its own, and which event the doctor posts', async () => {
    const { emulator, args, url } = await setup();
    emulator.setWebhookUrl(`${url}/webhooks/vortex`);
    const { output } = await runDoctor(emulator, args);
    const [heading = ''] = output.split('\n\n');
    expect(heading).toMatch(/The emulator posts its own webhooks about them, to its\n--webhook-url\./u);
    expect(heading).toContain(`The doctor posts one event, group.member.added, to ${url}/webhooks/vortex:`);
    expect(emulator.deliveries.map(({ event }) => event.type)).toEqual(
      expect.arrayContaining(['invitation.created', 'invitation.deactivated']),
    );
  });

  it('a handler that ignores an unknown inviter is explained to a developer who has given --scope and --invitee', async () => {
    const rules = { ...ADMIT_ALL, JWT: false, CREATE_INVITATION: false };
    const { output } = await examine({ webhook: carefulWebhook, options: { authorizeOperation: rules } }, [
      ...['--scope', 'team:team-1', '--invitee', 'grace@example.com', '--denied', 'JWT,CREATE_INVITATION'],
    ]);
    const [, advice = ''] = /changed nothing at .+\n(.+)/u.exec(output) ?? [];
    expect(advice, output).toContain('The inviter is vortex-doctor, since the caller is not known');
    expect(advice).toContain('Admit the caller to JWT or to CREATE_INVITATION.');
    expect(advice).not.toContain('give both');
  });

  it('a handler that adds the known invitee of an accepted invitation to a known scope shows its effect', async () => {
    const { emulator, args, added } = await setup({ webhook: carefulWebhook });
    const careless = await runDoctor(emulator, args);
    expect(careless.output).toMatch(/unknown {2}A duplicate is taken.+changed nothing.+\n.+--scope.+--invitee/u);
    expect(added).toEqual([]);
    const { code, output } = await runDoctor(emulator, [
      ...args,
      ...['--scope', 'team:team-1', '--invitee', 'grace@example.com'],
    ]);
    expect(output).toContain('A duplicate is taken, and handled once.');
    expect(added).toEqual(['grace@example.com']);
    expect(code).toBe(0);
  });

  it('a URL of --watch that the caller may not read is named with its status', async () => {
    const { emulator, args } = await setup({ webhook: carefulWebhook });
    const elsewhere = args.map((arg, index) => (args[index - 1] === '--watch' ? `${arg}/nowhere` : arg));
    const { output } = await runDoctor(emulator, elsewhere);
    expect(output).toMatch(/unknown {2}A duplicate is taken.+\/nowhere answers 404/u);
  });

  it('a server package of the vendor in package.json is a leftover, and its browser package is none', async () => {
    const { code, wrong } = await examine({}, [], {
      '@teamvortexsoftware/vortex-express-5-sdk': '0.7.0',
      '@teamvortexsoftware/vortex-react-provider': '0.0.3',
    });
    expect(wrong).toEqual([
      expect.stringMatching(/still has @teamvortexsoftware\/vortex-express-5-sdk\.\n.+uninstall/u),
    ]);
    expect(code).toBe(1);
  });

  it('an adapter of the vendor at the URL is recognised by its answers', async () => {
    const { emulator, args, url } = await setup({
      before: (app) => void app.use('/old', (_, res) => void res.status(401).json({ error: 'Unauthorized' })),
    });
    const { code, wrong } = await runDoctor(emulator, [`${url}/old`, ...args.slice(1)]);
    expect(wrong).toEqual([expect.stringMatching(/adapter of the vendor.+\n.+MOVING/u)]);
    expect(code).toBe(1);
  });

  it('at a wrong URL the doctor names the answer and what to compare', async () => {
    const { emulator, args, url } = await setup();
    const { code, wrong } = await runDoctor(emulator, [`${url}/api/other`, ...args.slice(1)]);
    expect(wrong).toEqual([expect.stringMatching(/not mounted at.+GET \/api\/other\/jwt answered 404.+\n.+prefix/u)]);
    expect(code).toBe(1);
  });

  it('with --scope, DELETE_GROUP_INVITATIONS is not tried on a scope that has invitations, and only named as such if --denied has it', async () => {
    const { emulator, args } = await setup();
    await fetch(`${emulator.url}/api/v1/invitations`, {
      method: 'POST',
      headers: { 'x-api-key': emulator.apiKey },
      body: JSON.stringify({
        widgetConfigurationId: 'configuration-1',
        target: { type: 'email', value: 'grace@example.com' },
        inviter: { userId: 'user-1' },
        groups: [{ type: 'team', groupId: 'team-1', name: 'Engineering' }],
      }),
    });
    const { output } = await runDoctor(emulator, [...args, '--scope', 'team:team-1']);
    expect(output).toMatch(/unknown {2}DELETE_GROUP_INVITATIONS was not tried: the scope has open invitations/u);
    expect(emulator.invitations[0]?.deactivated).toBe(false);
    const denied = await runDoctor(emulator, [
      ...[...args, '--scope', 'team:team-1', '--denied', 'DELETE_GROUP_INVITATIONS'],
    ]);
    expect(denied.output).toContain('Named in --denied, and not tried: DELETE_GROUP_INVITATIONS.');
    expect(emulator.invitations[0]?.deactivated).toBe(false);
  });

  it('with --scope, DELETE_GROUP_INVITATIONS is not tried if the emulator does not list the scope, and the doctor says so', async () => {
    const { emulator, args } = await setup();
    emulator.fault('GET /api/v1/invitations/by-scope/:scopeType/:scope', { status: 503 });
    const { output } = await runDoctor(emulator, [...args, '--scope', 'team:team-1']);
    expect(output).toMatch(
      /DELETE_GROUP_INVITATIONS was not tried: the emulator does not list the invitations of the scope, .+: 503.+\n.+faults/u,
    );
    expect(output).not.toContain('has open invitations');
  });

  it('with --scope, DELETE_GROUP_INVITATIONS is tried on a scope without invitations, though the caller may not list them', async () => {
    const rules = { ...ADMIT_ALL, GET_GROUP_INVITATIONS: false };
    const { output } = await examine({ options: { authorizeOperation: rules } }, [
      ...['--scope', 'team:team-1', '--denied', 'GET_GROUP_INVITATIONS'],
    ]);
    expect(output).toMatch(/A rule admits .+DELETE_GROUP_INVITATIONS/u);
    expect(output).toMatch(/ 0 wrong, 0 unknown\.\n$/u);
  });

  it.each([
    [[], 'needs the URL'],
    [['localhost:3000'], 'http or https URL'],
    [['http://localhost:3000', '--header', 'nothing'], '--header'],
    [['http://localhost:3000', '--scope', 'team'], '--scope'],
    [
      ['http://localhost:3000', '--scope', 'team:t1:Red'],
      'has a second colon. Give the name of the scope with --scope-name',
    ],
    [['http://localhost:3000', '--scope-name', 'Red'], 'add --scope "type:id"'],
    [['http://localhost:3000', '--scope', 'team:t1', '--scope-name', ''], '--scope-name must not be empty'],
    [['http://localhost:3000', '--cooky', 'a'], '--cooky'],
    [['http://localhost:3000', '--denied', 'JWT,REINVIT'], 'REINVIT'],
    [['http://localhost:3000', '--metadata', 'role'], '--metadata'],
    [['http://localhost:3000', '--event', 'member.added'], '--event'],
    [['http://localhost:3000', '--invitee', 'grace'], '--invitee'],
  ])('the invalid arguments %j are explained on one line, with exit code 2', async (args, words) => {
    const { code, output } = await runDoctor(await openEmulator(), args);
    expect(output).toMatch(/^vortex-emulator: [^\n]+\.\n$/u);
    expect(output).toContain(words);
    expect(code).toBe(2);
  });
});
