/** Tests the emulator with every method of the vendor's published Node SDK, and the page on moving from it. */
import { readdirSync, readFileSync } from 'node:fs';
import { Vortex } from '@teamvortexsoftware/vortex-node-22-sdk';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

const scope = { scopeType: 'team', scopeId: 'team-1', scopeName: 'Engineering' };
const inviter = {
  userId: 'user-1',
  userEmail: 'ada@example.com',
  name: 'Ada',
  avatarUrl: 'https://example.com/ada.png',
};
const toGrace = {
  widgetConfigurationId: 'configuration-1',
  target: { type: 'email', value: 'grace@example.com', name: 'Grace' },
  inviter,
  ...scope,
} as const;
const domains = { scope: 'team-1', scopeType: 'team', scopeName: 'Engineering', componentId: 'component-1' };

let emulator: Emulator;
let vortex: Vortex;

beforeAll(async () => {
  emulator = await startEmulator();
});

beforeEach(() => {
  vi.stubEnv('VORTEX_API_BASE_URL', emulator.url);
  vortex = new Vortex(emulator.apiKey);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  emulator.reset();
});

afterAll(() => emulator.close());

describe("the vendor's SDK", () => {
  it("an invitation that the vendor's SDK creates has a message in the outbox", async () => {
    const created = await vortex.createInvitation({
      ...toGrace,
      metadata: { plan: 'pro' },
      subtype: 'pymk',
      source: 'backend',
      templateVariables: { product: 'Acme' },
      unfurlConfig: { title: 'Join', image: 'https://example.com/i.png', type: 'website' },
    });

    expect(created.status).toBe('queued');
    expect(created.shortLink).toMatch(`${emulator.url}/i/`);
    expect(new Date(created.createdAt).toISOString()).toBe(created.createdAt);
    expect(emulator.invitations).toMatchObject([
      { id: created.id, status: 'delivered', metadata: { plan: 'pro' }, subtype: 'pymk', source: 'backend' },
    ]);
    expect(emulator.outbox).toMatchObject([
      { to: 'grace@example.com', kind: 'invitation', channel: 'email', link: created.shortLink },
    ]);
  });

  it("the vendor's SDK reads an invitation with every field that its types declare", async () => {
    const { id } = await vortex.createInvitation(toGrace);
    const invitation = await vortex.getInvitation(id);

    expect(invitation).toMatchObject({
      id,
      target: [{ type: 'email', value: 'grace@example.com', name: 'Grace' }],
      scopes: [{ scopeId: 'team-1', groupId: 'team-1', type: 'team', name: 'Engineering' }],
      foreignCreatorId: 'user-1',
      creatorName: 'Ada',
      creatorAvatarUrl: 'https://example.com/ada.png',
      invitationType: 'single_use',
      deliveryTypes: ['email'],
      deliveryCount: 1,
      clickThroughs: 0,
      deactivated: false,
      expired: false,
      accepts: [],
      widgetConfigurationId: 'configuration-1',
      source: 'api',
    });
    expect(invitation.groups).toBe(invitation.scopes);
    expect(invitation).toHaveProperty('scope', 'team-1');
    expect(invitation).toHaveProperty('scopeType', 'team');
  });

  it("the vendor's SDK lists the open invitations of a target and of a scope", async () => {
    const { id } = await vortex.createInvitation(toGrace);
    const elsewhere = await vortex.createInvitation({ ...toGrace, scopeId: 'team-2' });

    const mine = await vortex.getInvitationsByTarget('email', 'grace@example.com');
    expect(mine.map((each) => each.id)).toEqual([id, elsewhere.id]);
    expect(mine[0]).toHaveProperty('target.0.value', 'grace@example.com');
    expect(await vortex.getInvitationsByScope('team', 'team-1')).toMatchObject([{ id }]);
    expect(await vortex.getInvitationsByGroup('team', 'team-1')).toMatchObject([{ id }]);
    expect(await vortex.getInvitationsByTarget('email', 'nobody@example.com')).toEqual([]);
  });

  it("the vendor's SDK accepts one or several invitations as a user", async () => {
    const first = await vortex.createInvitation(toGrace);
    const second = await vortex.createInvitation({ ...toGrace, scopeId: 'team-2' });

    await vortex.acceptInvitation(first.id, { email: 'grace@example.com', name: 'Grace', isExisting: false });
    const answer = await vortex.acceptInvitations([second.id], { phone: '+49 30 1234' });

    expect(answer).toMatchObject({ invitations: [{ id: second.id, status: 'accepted' }] });
    expect(emulator.invitations).toMatchObject([
      { status: 'accepted', accepts: [{ target: { type: 'email', value: 'grace@example.com' }, isExisting: false }] },
      { status: 'accepted', accepts: [{ target: { type: 'phone', value: '+49 30 1234' } }] },
    ]);
  });

  it("the vendor's SDK accepts invitations with its deprecated targets", async () => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const first = await vortex.createInvitation(toGrace);
    const second = await vortex.createInvitation(toGrace);

    await vortex.acceptInvitations([first.id], { type: 'email', value: 'grace@example.com' });
    await vortex.acceptInvitations([second.id], [{ type: 'phone', value: '030 1234' }]);

    expect(emulator.invitations.map((each) => each.accepts[0]?.target.type)).toEqual(['email', 'phone']);
  });

  it("the vendor's SDK sends a reminder", async () => {
    const { id } = await vortex.createInvitation(toGrace);
    expect(await vortex.reinvite(id)).toMatchObject({ id, deliveryCount: 2 });
    expect(emulator.outbox.map((message) => message.kind)).toEqual(['invitation', 'reminder']);
  });

  it("the vendor's SDK revokes one invitation or all invitations of a scope", async () => {
    const first = await vortex.createInvitation(toGrace);
    await vortex.createInvitation(toGrace);
    await vortex.createInvitation(toGrace);
    const other = await vortex.createInvitation({ ...toGrace, scopeId: 'team-2' });

    expect(await vortex.revokeInvitation(first.id)).toEqual({});
    expect(await vortex.getInvitationsByScope('team', 'team-1')).toHaveLength(2);
    expect(await vortex.deleteInvitationsByScope('team', 'team-1')).toEqual({});
    expect(await vortex.getInvitationsByScope('team', 'team-1')).toEqual([]);
    expect(await vortex.deleteInvitationsByGroup('team', 'team-2')).toEqual({});
    expect((await vortex.getInvitation(other.id)).deactivated).toBe(true);
  });

  it("the vendor's SDK configures autojoin, and a webmail domain is refused with 400", async () => {
    expect(await vortex.getAutojoinDomains('team', 'team-1')).toEqual({ autojoinDomains: [], invitation: null });

    const configured = await vortex.configureAutojoin({ ...domains, domains: ['acme.com', 'acme.org'] });
    expect(configured.autojoinDomains.map((each) => each.domain)).toEqual(['acme.com', 'acme.org']);
    expect(configured.invitation).toMatchObject({ invitationType: 'autojoin', scopes: [{ scopeId: 'team-1' }] });
    expect((await vortex.getAutojoinDomains('team', 'team-1')).autojoinDomains).toEqual(configured.autojoinDomains);

    await expect(vortex.configureAutojoin({ ...domains, domains: ['gmail.com'] })).rejects.toThrow('400');
    expect((await vortex.getAutojoinDomains('team', 'team-1')).autojoinDomains).toHaveLength(2);
  });

  it("the vendor's SDK syncs a decision made inside the application", async () => {
    const internal = { ...toGrace, target: { type: 'internal', value: 'user-2' } } as const;
    const decision = { creatorId: 'user-1', targetValue: 'user-2', componentId: 'component-1' };
    const { id } = await vortex.createInvitation(internal);

    const answer = await vortex.syncInternalInvitation({ ...decision, action: 'accepted' });
    expect(answer).toEqual({ processed: 1, invitationIds: [id] });
    expect(emulator.invitations[0]?.status).toBe('accepted');

    await expect(vortex.syncInternalInvitation({ ...decision, action: 'accepted' })).rejects.toThrow('404');
    const declined = await vortex.createInvitation(internal);
    await vortex.syncInternalInvitation({ ...decision, action: 'declined' });
    expect((await vortex.getInvitation(declined.id)).deactivated).toBe(true);
  });

  it("the vendor's SDK rejects with 401 for a wrong API key and 404 for an unknown id", async () => {
    await expect(new Vortex(`${emulator.apiKey}x`).getInvitation('1')).rejects.toThrow('401');
    await expect(vortex.getInvitation('unknown')).rejects.toThrow('404');
  });

  it("the vendor's SDK can sign tokens with the default API key", () => {
    expect(vortex.generateToken({ user: { id: 'user-1' } }).split('.')).toHaveLength(3);
  });
});

describe('the page on moving from the Node SDK', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const [, section = ''] = read('../../core/moving/sdk.md').split(/^## /m);
  const here = read('../../core/dist/index.d.ts');
  const has = (text: string, name: string) => new RegExp(`\\b${name}\\b`).test(text);

  it('each type and constant of the SDK has the same name in core, or is on the page', () => {
    const folder = new URL('.', import.meta.resolve('@teamvortexsoftware/vortex-node-22-sdk'));
    const declarations = readdirSync(folder).filter((name) => name.endsWith('.d.ts') && name !== 'decorators.d.ts');
    const names = declarations.flatMap((name) =>
      [
        ...readFileSync(new URL(name, folder), 'utf8').matchAll(
          /^export (?:declare )?(?:type|interface|const|class|function) (\w+)/gm,
        ),
      ].map(([, exported = '']) => exported),
    );
    expect(names).toContain('AcceptUser');
    expect(names.filter((name) => !has(here, name) && !has(section, name))).toEqual([]);
  });

  it('each name that the page gives for a type or a constant is exported by core', () => {
    const [, table = ''] = section.split(/^Constants and types/m);
    const cells = [...table.matchAll(/^\| `.* \| (.*) \|$/gm)].map(([, cell = '']) => cell);
    const names = cells.flatMap((cell) => [...cell.matchAll(/`([A-Z]\w+)/g)].map(([, name = '']) => name));
    expect(names).toContain('AcceptingUser');
    expect(names.filter((name) => !has(here, name))).toEqual([]);
  });
});
