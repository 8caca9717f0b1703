/** Implements all changes of invitations, and emits their events. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { WebhookEventType } from '@vortex/core';
import { type AutojoinBody, type CreateBody, jsonCopy } from './bodies.js';
import { domainProblem, normalizeDomains } from './domains.js';
import { ApiError } from './errors.js';
import { type AcceptingUser, announcement, invitationEvent, memberAdded } from './events.js';
import { ACCOUNT, isInScope, isOpen, iso } from './invitation.js';
import { composeMessages } from './mail.js';
import type {
  Change,
  EmulatorEvent,
  InvitationRecord,
  OutboxMessage,
  ScopeRecord,
  State,
  TargetRecord,
} from './state.js';
import { canonicalType, emailDomain, sameTarget, targetRecord } from './target.js';

interface StoreContext {
  state: State;
  now: () => number;
  /** Milliseconds until an invitation expires. */
  expiresAfter: number;
  link: (code: string) => string;
  emit: (event: EmulatorEvent) => void;
  /** Called after each change of a record. */
  changed: (change: Change) => void;
}

/** Facts that the cloud learns outside of the API. An absent field stays as it is. */
export interface InvitationUpdate {
  /** To accept an invitation, use the API. `accepted_elsewhere` closes it like an acceptance. */
  status?: Exclude<InvitationRecord['status'], 'accepted'> | undefined;
  views?: number | undefined;
  /** The answers to the fields of a form: `{ type, value }` by the name of the field. */
  formSubmissionData?: Record<string, unknown> | null | undefined;
}

export class Store {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  create(body: CreateBody): InvitationRecord {
    const { type, value, name, avatarUrl } = body.target;
    return this.invite({
      targets: [targetRecord(canonicalType(type), value, name, avatarUrl)],
      groups: body.groups ?? body.scopes ?? [],
      inviter: body.inviter,
      widgetConfigurationId: body.widgetConfigurationId,
      source: body.source ?? 'api',
      subtype: body.subtype ?? null,
      metadata: body.metadata ?? null,
      formSubmissionData: null,
    });
  }

  /** Makes an invitation and sends its messages. One to a share target can be accepted many times. */
  invite({ targets, groups, ...given }: NewInvitation): InvitationRecord {
    const now = this.#context.now();
    const shared = targets[0]?.type === 'share';
    const record = this.#add({
      ...given,
      invitationType: shared ? 'multi_use' : 'single_use',
      status: shared ? 'shared' : 'queued',
      target: targets,
      groups: groups.map((each) => scopeRecord(each.type, each.scopeId, each.name, now)),
      expiresAt: now + this.#context.expiresAfter,
    });
    this.#send(record, 'invitation');
    return record;
  }

  /** @throws {ApiError} 404 if the invitation does not exist */
  get(id: string): InvitationRecord {
    const record = this.#context.state.invitations.get(id);
    if (!record) throw new ApiError(404, `Invitation ${id} does not exist`);
    return record;
  }

  /** Returns the open invitations to a target. For an e-mail address, includes autojoin invitations for its domain. */
  byTarget(type: string, value: string): InvitationRecord[] {
    const domain = type === 'email' ? emailDomain(value) : undefined;
    return this.#open().filter(
      (record) =>
        record.target.some((target) => sameTarget(target, type, value)) ||
        record.autojoinDomains.some((each) => each.domain === domain),
    );
  }

  /** Returns the open invitations to a scope, oldest first. */
  byScope(scopeType: string, scope: string): InvitationRecord[] {
    return this.#open().filter((record) => isInScope(record, scopeType, scope));
  }

  /**
   * Accepts all of the invitations. If one of them cannot be accepted, accepts none.
   *
   * @throws {ApiError} 404 if an invitation does not exist, 409 if one is not open
   */
  accept(ids: readonly string[], user: AcceptingUser, target: TargetRecord): InvitationRecord[] {
    const records = [...new Set(ids)].map((id) => this.#getOpen(id));
    for (const record of records) this.#accept(record, user, target);
    return records;
  }

  /**
   * Accepts or declines the open internal invitations from one user to another. The user decided inside the application.
   *
   * @throws {ApiError} 404 if there is no such invitation
   */
  syncInternal(creatorId: string, targetValue: string, action: 'accepted' | 'declined'): InvitationRecord[] {
    const records = this.#open().filter(
      (record) =>
        record.inviter?.id === creatorId && record.target.some((each) => sameTarget(each, 'internal', targetValue)),
    );
    if (records.length === 0) {
      throw new ApiError(404, `There is no open internal invitation from ${creatorId} to ${targetValue}`);
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
   * Sends a reminder.
   *
   * @throws {ApiError} 404 if the invitation does not exist, 409 if it is not open
   */
  reinvite(id: string): InvitationRecord {
    const record = this.#getOpen(id);
    this.#touch(record);
    this.#emit('invitation.reminder.sent', record);
    const sent = this.#send(record, 'reminder');
    // A reminder counts as a delivery even if no message is sent, because the application shows it to the user.
    if (sent === 0) record.deliveryCount += 1;
    this.#changed(record);
    return record;
  }

  /**
   * Revokes an invitation. Revoking it again changes nothing.
   *
   * @throws {ApiError} 404 if the invitation does not exist
   */
  revoke(id: string): void {
    const record = this.get(id);
    if (!record.deactivated) this.#deactivate(record);
  }

  /**
   * Accepts an invitation in the name of its first target.
   *
   * @throws {ApiError} 404 if the invitation does not exist, 409 if it is not open or has no address of a person
   */
  acceptAsTarget(id: string): void {
    const [target] = this.#getOpen(id).target;
    if (!target || target.type === 'share') throw new ApiError(409, `Invitation ${id} is not to one address`);
    const { type, value } = target;
    this.accept([id], type === 'internal' ? { id: value } : { [type]: value }, target);
  }

  /**
   * Makes an invitation expire now. The cloud sends no event for it, and neither does the emulator.
   *
   * @throws {ApiError} 404 if the invitation does not exist, 409 if it is not open
   */
  expire(id: string): void {
    const record = this.#getOpen(id);
    record.expiresAt = this.#context.now();
    this.#changed(record);
  }

  revokeScope(scopeType: string, scope: string): void {
    for (const record of this.byScope(scopeType, scope)) this.#deactivate(record);
  }

  /** Returns the autojoin invitation of a scope. It is deactivated if autojoin is off, and absent if it was never on. */
  autojoin(scopeType: string, scope: string): InvitationRecord | undefined {
    return [...this.#context.state.invitations.values()].find(
      (record) => record.invitationType === 'autojoin' && isInScope(record, scopeType, scope),
    );
  }

  /**
   * Replaces the autojoin domains of a scope. An empty list switches autojoin off.
   *
   * @throws {ApiError} 400 if a domain cannot be used; nothing changes in that case
   */
  configureAutojoin(body: AutojoinBody): InvitationRecord | undefined {
    const domains = normalizeDomains(body.domains);
    const problems = domains.map(domainProblem).filter((problem) => problem !== null);
    if (problems.length > 0) throw new ApiError(400, problems);

    const existing = this.autojoin(body.scopeType, body.scope);
    if (domains.length === 0) {
      if (existing && !existing.deactivated) this.#deactivate(existing);
      return existing;
    }

    const record = existing ?? this.#addAutojoin(body);
    const known = new Map(record.autojoinDomains.map((each) => [each.domain, each]));
    record.autojoinDomains = domains.map((domain) => known.get(domain) ?? { id: randomUUID(), domain });
    record.deactivated = false;
    record.widgetConfigurationId = body.componentId;
    if (body.metadata) record.metadata = body.metadata;
    for (const group of record.groups) group.name = body.scopeName ?? group.name;
    if (existing) this.#touch(record);
    this.#changed(record);
    return record;
  }

  /**
   * Sets what the cloud learns outside of the API.
   *
   * @throws {ApiError} 404 if the invitation does not exist
   */
  update(id: string, { status, views, formSubmissionData }: InvitationUpdate): void {
    const record = this.get(id);
    const answers = formSubmissionData && jsonCopy(formSubmissionData);
    if (status !== undefined) record.status = status;
    if (views !== undefined) record.views = views;
    if (answers !== undefined) record.formSubmissionData = answers;
    this.#touch(record);
    this.#changed(record);
  }

  /**
   * Emits an event about an invitation, which stays as it is.
   *
   * @throws {ApiError} 404 if the invitation does not exist
   */
  announce(type: WebhookEventType, id: string, data: Record<string, unknown>): void {
    this.#context.emit(jsonCopy(announcement(type, this.get(id), data, this.#context.now())));
  }

  /** Returns the invitation of a link, or `undefined` if there is none. Counts the click if the invitation is open. */
  follow(code: string): { record: InvitationRecord; open: boolean } | undefined {
    const record = [...this.#context.state.invitations.values()].find((each) => each.code === code);
    if (!record) return undefined;
    const open = isOpen(record, this.#context.now());
    if (open) {
      record.clickThroughs += 1;
      this.#emit('invitation.link.clicked', record);
      this.#changed(record);
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
      formSubmissionData: null,
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
      views: 0,
      deliveryCount: 0,
      accepts: [],
      autojoinDomains: [],
    };
    // Computed first: a record without an event, as one with an invalid date, would break every list.
    const event = invitationEvent('invitation.created', record, this.#context.now());
    this.#context.state.invitations.set(record.id, record);
    this.#context.emit(event);
    this.#changed(record);
    return record;
  }

  /** Adds the messages to the outbox and returns their number. E-mails count as delivered at once. */
  #send(record: InvitationRecord, kind: OutboxMessage['kind']): number {
    const { state, now, link, changed } = this.#context;
    const messages = composeMessages(record, kind, link(record.code), now());
    state.outbox.push(...messages);
    for (const each of messages) changed({ kind: 'message', record: each });
    record.deliveryCount += messages.length;
    for (const message of messages) {
      if (message.channel !== 'email') continue;
      record.status = 'delivered';
      this.#emit('invitation.email.delivered', record);
    }
    this.#changed(record);
    return messages.length;
  }

  #accept(record: InvitationRecord, user: AcceptingUser, target: TargetRecord): void {
    const { now, emit } = this.#context;
    const { accountId } = ACCOUNT;
    record.accepts.push({
      id: randomUUID(),
      accountId,
      acceptedAt: iso(now()),
      target,
      ...(user.email && { email: user.email }),
      ...(user.phone && { phone: user.phone }),
      ...(user.isExisting !== undefined && { isExisting: user.isExisting }),
    });
    if (record.invitationType === 'single_use') record.status = 'accepted';
    this.#touch(record);
    emit(invitationEvent('invitation.accepted', record, now(), user));
    for (const scope of record.groups) emit(memberAdded(record, scope, user, now()));
    this.#changed(record);
  }

  #deactivate(record: InvitationRecord): void {
    record.deactivated = true;
    this.#touch(record);
    this.#emit('invitation.deactivated', record);
    this.#changed(record);
  }

  #touch(record: InvitationRecord): void {
    record.modifiedAt = this.#context.now();
  }

  #changed(record: InvitationRecord): void {
    this.#context.changed({ kind: 'invitation', record });
  }

  #emit(type: Parameters<typeof invitationEvent>[0], record: InvitationRecord): void {
    this.#context.emit(invitationEvent(type, record, this.#context.now()));
  }
}

/** The fields that differ between new invitations. The other fields have the same initial values for all. */
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
  | 'formSubmissionData'
  | 'passThrough'
  | 'expiresAt'
>;

interface NewInvitation extends Omit<Given, 'invitationType' | 'status' | 'target' | 'groups' | 'expiresAt'> {
  targets: TargetRecord[];
  groups: readonly { type: string; scopeId: string; name: string }[];
}

function scopeRecord(type: string, groupId: string, name: string, now: number): ScopeRecord {
  return { id: randomUUID(), accountId: ACCOUNT.accountId, groupId, type, name, createdAt: iso(now) };
}
