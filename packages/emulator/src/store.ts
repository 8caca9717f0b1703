/** What can happen to invitations. Every change of one goes through here, and so does every event that follows. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { AutojoinBody, CreateBody } from './bodies.js';
import { domainProblem, normalizeDomains } from './domains.js';
import { ApiError } from './errors.js';
import { type AcceptingUser, invitationEvent, memberAdded } from './events.js';
import { ACCOUNT, isInScope, isOpen, iso } from './invitation.js';
import { composeMessages } from './mail.js';
import type { EmulatorEvent, InvitationRecord, Message, ScopeRecord, State, TargetRecord } from './state.js';
import { canonicalType, emailDomain, sameTarget, targetRecord } from './target.js';

interface StoreContext {
  state: State;
  now: () => number;
  /** Milliseconds. */
  expiresAfter: number;
  link: (code: string) => string;
  emit: (event: EmulatorEvent) => void;
  /** Called after every change of the state. */
  changed: () => void;
}

export class Store {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  create(body: CreateBody): InvitationRecord {
    const now = this.#context.now();
    const type = canonicalType(body.target.type);
    const shared = type === 'share';
    const record = this.#add({
      invitationType: shared ? 'multi_use' : 'single_use',
      status: shared ? 'shared' : 'queued',
      target: [targetRecord(type, body.target.value, body.target.name, body.target.avatarUrl)],
      groups: (body.groups ?? body.scopes ?? []).map((each) => scopeRecord(each.type, each.scopeId, each.name, now)),
      inviter: body.inviter,
      widgetConfigurationId: body.widgetConfigurationId,
      source: body.source ?? 'api',
      subtype: body.subtype ?? null,
      metadata: body.metadata ?? null,
      expiresAt: now + this.#context.expiresAfter,
    });
    this.#send(record, 'invitation');
    return record;
  }

  /** @throws {ApiError} 404 */
  get(id: string): InvitationRecord {
    const record = this.#context.state.invitations.get(id);
    if (!record) throw new ApiError(404, `There is no invitation ${id}`);
    return record;
  }

  /** The open invitations for somebody; for an e-mail address also those of the scopes its domain may join. */
  byTarget(type: string, value: string): InvitationRecord[] {
    const domain = type === 'email' ? emailDomain(value) : undefined;
    return this.#open().filter(
      (record) =>
        record.target.some((target) => sameTarget(target, type, value)) ||
        record.autojoinDomains.some((each) => each.domain === domain),
    );
  }

  /** The open invitations into a scope, oldest first. */
  byScope(scopeType: string, scope: string): InvitationRecord[] {
    return this.#open().filter((record) => isInScope(record, scopeType, scope));
  }

  /**
   * Accepts all of them or, when one cannot be, none.
   *
   * @throws {ApiError} 404 for an unknown id, 409 for an invitation that is not open
   */
  accept(ids: readonly string[], user: AcceptingUser, target: TargetRecord): InvitationRecord[] {
    const records = [...new Set(ids)].map((id) => this.#getOpen(id));
    for (const record of records) this.#accept(record, user, target);
    return records;
  }

  /**
   * Marks the open internal invitations from one user to another as decided inside the application.
   *
   * @throws {ApiError} 404 when there is none
   */
  syncInternal(creatorId: string, targetValue: string, action: 'accepted' | 'declined'): InvitationRecord[] {
    const records = this.#open().filter(
      (record) =>
        record.inviter?.id === creatorId && record.target.some((each) => sameTarget(each, 'internal', targetValue)),
    );
    if (records.length === 0) {
      throw new ApiError(404, `No internal invitation from ${creatorId} to ${targetValue} is waiting for an answer`);
    }
    for (const record of records) {
      if (action === 'accepted') {
        this.#accept(record, { id: targetValue }, targetRecord('internal', targetValue));
      } else {
        this.#deactivate(record);
      }
    }
    return records;
  }

  /**
   * Sends it once more.
   *
   * @throws {ApiError} 404, or 409 when it is not open
   */
  reinvite(id: string): InvitationRecord {
    const record = this.#getOpen(id);
    this.#touch(record);
    this.#emit('invitation.reminder.sent', record);
    const sent = this.#send(record, 'reminder');
    // A reminder counts as one even where the application itself shows it and nothing leaves.
    if (sent === 0) record.deliveryCount += 1;
    this.#context.changed();
    return record;
  }

  /**
   * Revokes it; a second time changes nothing.
   *
   * @throws {ApiError} 404
   */
  revoke(id: string): void {
    const record = this.get(id);
    if (!record.deactivated) this.#deactivate(record);
  }

  revokeScope(scopeType: string, scope: string): void {
    for (const record of this.byScope(scopeType, scope)) this.#deactivate(record);
  }

  /** The autojoin invitation of a scope while it is switched on. */
  autojoin(scopeType: string, scope: string): InvitationRecord | undefined {
    const record = this.#autojoin(scopeType, scope);
    return record?.deactivated ? undefined : record;
  }

  /**
   * Makes `domains` the complete list of a scope's domains; none switches autojoin off.
   *
   * @throws {ApiError} 400 for a domain that cannot be used; then nothing changes
   */
  configureAutojoin(body: AutojoinBody): InvitationRecord | undefined {
    const domains = normalizeDomains(body.domains);
    const problems = domains.map(domainProblem).filter((problem) => problem !== null);
    if (problems.length > 0) throw new ApiError(400, problems);

    const existing = this.#autojoin(body.scopeType, body.scope);
    if (domains.length === 0) {
      if (existing && !existing.deactivated) this.#deactivate(existing);
      return undefined;
    }

    const record = existing ?? this.#addAutojoin(body);
    const known = new Map(record.autojoinDomains.map((each) => [each.domain, each]));
    record.autojoinDomains = domains.map((domain) => known.get(domain) ?? { id: randomUUID(), domain });
    record.deactivated = false;
    record.widgetConfigurationId = body.componentId;
    if (body.metadata) record.metadata = body.metadata;
    for (const group of record.groups) group.name = body.scopeName ?? group.name;
    if (existing) this.#touch(record);
    this.#context.changed();
    return record;
  }

  /** The invitation a link leads to, with the click counted if it is open; `undefined` for a link that never was. */
  follow(code: string): { record: InvitationRecord; open: boolean } | undefined {
    const record = [...this.#context.state.invitations.values()].find((each) => each.code === code);
    if (!record) return undefined;
    const open = isOpen(record, this.#context.now());
    if (open) {
      record.clickThroughs += 1;
      this.#emit('invitation.link.clicked', record);
      this.#context.changed();
    }
    return { record, open };
  }

  #open(): InvitationRecord[] {
    const now = this.#context.now();
    return [...this.#context.state.invitations.values()].filter((record) => isOpen(record, now));
  }

  #getOpen(id: string): InvitationRecord {
    const record = this.get(id);
    if (!isOpen(record, this.#context.now())) {
      throw new ApiError(409, `Invitation ${id} is no longer open`);
    }
    return record;
  }

  #autojoin(scopeType: string, scope: string): InvitationRecord | undefined {
    return [...this.#context.state.invitations.values()].find(
      (record) => record.invitationType === 'autojoin' && isInScope(record, scopeType, scope),
    );
  }

  #addAutojoin(body: AutojoinBody): InvitationRecord {
    return this.#add({
      invitationType: 'autojoin',
      status: 'queued',
      target: [],
      groups: [scopeRecord(body.scopeType, body.scope, body.scopeName ?? body.scope, this.#context.now())],
      inviter: null,
      widgetConfigurationId: body.componentId,
      source: 'api',
      subtype: null,
      metadata: body.metadata ?? null,
      expiresAt: null,
    });
  }

  #add(given: Given): InvitationRecord {
    const record: InvitationRecord = {
      ...given,
      id: randomUUID(),
      code: randomBytes(9).toString('base64url'),
      createdAt: this.#context.now(),
      modifiedAt: null,
      deactivated: false,
      clickThroughs: 0,
      deliveryCount: 0,
      accepts: [],
      autojoinDomains: [],
    };
    this.#context.state.invitations.set(record.id, record);
    this.#emit('invitation.created', record);
    this.#context.changed();
    return record;
  }

  /** Puts the messages into the outbox, and says how many. Mail in a local outbox arrives at once. */
  #send(record: InvitationRecord, kind: Message['kind']): number {
    const { state, now, link, changed } = this.#context;
    const messages = composeMessages(record, kind, link(record.code), now());
    state.outbox.push(...messages);
    record.deliveryCount += messages.length;
    for (const message of messages) {
      if (message.channel !== 'email') continue;
      record.status = 'delivered';
      this.#emit('invitation.email.delivered', record);
    }
    changed();
    return messages.length;
  }

  #accept(record: InvitationRecord, user: AcceptingUser, target: TargetRecord): void {
    const { now, emit, changed } = this.#context;
    const { accountId } = ACCOUNT;
    record.accepts.push({
      id: randomUUID(),
      accountId,
      acceptedAt: iso(now()),
      target,
      ...(user.isExisting !== undefined && { isExisting: user.isExisting }),
    });
    if (record.invitationType === 'single_use') record.status = 'accepted';
    this.#touch(record);
    emit(invitationEvent('invitation.accepted', record, now(), user));
    for (const scope of record.groups) emit(memberAdded(record, scope, user, now()));
    changed();
  }

  #deactivate(record: InvitationRecord): void {
    record.deactivated = true;
    this.#touch(record);
    this.#emit('invitation.deactivated', record);
    this.#context.changed();
  }

  #touch(record: InvitationRecord): void {
    record.modifiedAt = this.#context.now();
  }

  #emit(type: Parameters<typeof invitationEvent>[0], record: InvitationRecord): void {
    this.#context.emit(invitationEvent(type, record, this.#context.now()));
  }
}

/** What the caller decides about a new invitation; the rest begins the same for all. */
type Given = Pick<
  InvitationRecord,
  | 'invitationType'
  | 'status'
  | 'target'
  | 'groups'
  | 'inviter'
  | 'widgetConfigurationId'
  | 'source'
  | 'subtype'
  | 'metadata'
  | 'expiresAt'
>;

function scopeRecord(type: string, groupId: string, name: string, now: number): ScopeRecord {
  return { id: randomUUID(), accountId: ACCOUNT.accountId, groupId, type, name, createdAt: iso(now) };
}
