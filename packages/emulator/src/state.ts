/**
 * Defines the state of the emulator. The schemas define the types, and they validate the data file. Instants in an
 * invitation are milliseconds since 1970. The API, the messages and the webhooks have ISO 8601 text.
 */
import { z } from 'zod';
import type { RecordedCall } from './calls.js';

const count = z.int().nonnegative();
/** The range of dates. */
const instant = z.number().min(-8.64e15).max(8.64e15);
const json = z.record(z.string(), z.unknown());

export const STATUSES = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'accepted',
  'shared',
  'unfurled',
  'accepted_elsewhere',
] as const;

const target = z.object({
  type: z.string(),
  value: z.string(),
  name: z.string().nullable(),
  avatarUrl: z.string().nullable(),
});

const scope = z.object({
  id: z.string(),
  accountId: z.string(),
  groupId: z.string(),
  type: z.string(),
  name: z.string(),
  createdAt: z.string(),
});

const acceptance = z.object({
  id: z.string(),
  accountId: z.string(),
  acceptedAt: z.string(),
  target,
  /** The addresses of the accepting user, of which `target` is the first. */
  email: z.string().optional(),
  phone: z.string().optional(),
  isExisting: z.boolean().optional(),
});

const inviter = z.object({
  id: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  avatarUrl: z.string().nullable(),
});

const invitation = z.object({
  id: z.string(),
  /** The last path segment of the invitation link. */
  code: z.string(),
  invitationType: z.enum(['single_use', 'multi_use', 'autojoin']),
  status: z.enum(STATUSES),
  target: z.array(target),
  groups: z.array(scope),
  inviter: inviter.nullable(),
  widgetConfigurationId: z.string(),
  source: z.string(),
  subtype: z.string().nullable(),
  metadata: json.nullable(),
  createdAt: instant,
  modifiedAt: instant.nullable(),
  expiresAt: instant.nullable(),
  deactivated: z.boolean(),
  clickThroughs: count,
  views: count.default(0),
  formSubmissionData: json.nullable().default(null),
  /** Opaque text of the component. */
  passThrough: z.string().optional(),
  deliveryCount: count,
  accepts: z.array(acceptance),
  /** The domains of an autojoin invitation. They have no effect while it is deactivated. */
  autojoinDomains: z.array(z.object({ id: z.string(), domain: z.string() })),
});

const message = z.object({
  id: z.string(),
  /** The time when the cloud would have sent it, in ISO 8601. */
  at: z.string(),
  channel: z.enum(['email', 'phone']),
  /** Vortex delivers e-mails. The application delivers text messages. */
  deliveredBy: z.enum(['vortex', 'your application']),
  kind: z.enum(['invitation', 'reminder']),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  link: z.string(),
  invitationId: z.string(),
});

const event = z.object({
  id: z.string(),
  type: z.string(),
  timestamp: z.string(),
  accountId: z.string(),
  environmentId: z.string().nullable(),
  sourceTable: z.string(),
  operation: z.enum(['insert', 'update', 'delete']),
  data: json,
});

const delivery = z.object({
  id: z.string(),
  event,
  /** The body to post: the same bytes in every attempt, also after a restart. */
  body: z.string(),
  url: z.string(),
  /** `pending` while an attempt runs or a retry is due. */
  status: z.enum(['pending', 'delivered', 'failed']),
  /** The attempts. `status` is the HTTP status received. If there was none, `error` has the reason. */
  attempts: z.array(
    z.object({
      at: z.string(),
      status: z.number().nullable(),
      error: z.string().nullable(),
      /** The URL posted to. Data files of earlier versions have neither this nor the following members. */
      url: z.string().optional(),
      /** Milliseconds until the answer. */
      duration: z.number().optional(),
      /** The headers sent. */
      headers: z.record(z.string(), z.string()).optional(),
      /** The first 4,096 characters of the answer. */
      reply: z.string().optional(),
    }),
  ),
});

/** The content of a data file. */
export const snapshotSchema = z.object({
  version: z.literal(1),
  invitations: z.array(invitation),
  outbox: z.array(message),
  deliveries: z.array(delivery),
});

/** A line of the journal of a data file. The record is as it was after the change. */
export const changeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('invitation'), record: invitation }),
  z.object({ kind: z.literal('message'), record: message }),
  z.object({ kind: z.literal('delivery'), record: delivery }),
  z.object({ kind: z.literal('reset') }),
]);

export type InvitationRecord = z.infer<typeof invitation>;
export type ScopeRecord = z.infer<typeof scope>;
export type TargetRecord = z.infer<typeof target>;
export type AcceptanceRecord = z.infer<typeof acceptance>;

/** A message that the cloud would have sent. */
export type OutboxMessage = z.infer<typeof message>;
/** A webhook event as it is posted. */
export type EmulatorEvent = z.infer<typeof event>;
/** The delivery of a webhook event, with all attempts so far. */
export type Delivery = z.infer<typeof delivery>;
export type Attempt = Delivery['attempts'][number];
export type Snapshot = z.infer<typeof snapshotSchema>;
export type Change = z.infer<typeof changeSchema>;

export class State {
  readonly invitations = new Map<string, InvitationRecord>();
  readonly outbox: OutboxMessage[] = [];
  readonly deliveries: Delivery[] = [];
  /** The newest requests. A data file does not keep them. */
  readonly calls: RecordedCall[] = [];

  clear(): void {
    this.invitations.clear();
    this.outbox.length = 0;
    this.deliveries.length = 0;
    this.calls.length = 0;
  }

  /** Fills an empty state. Reading the same changes again, after a snapshot that has them, makes no difference. */
  restore(snapshot: Snapshot | undefined, changes: readonly Change[]): void {
    const outbox = new Map(snapshot?.outbox.map((each) => [each.id, each]));
    const deliveries = new Map(snapshot?.deliveries.map((each) => [each.id, each]));
    for (const record of snapshot?.invitations ?? []) this.invitations.set(record.id, record);
    for (const change of changes) {
      if (change.kind === 'invitation') this.invitations.set(change.record.id, change.record);
      else if (change.kind === 'message') outbox.set(change.record.id, change.record);
      else if (change.kind === 'delivery') deliveries.set(change.record.id, change.record);
      else for (const records of [this.invitations, outbox, deliveries]) records.clear();
    }
    for (const message of outbox.values()) this.outbox.push(message);
    // The process that retried pending deliveries has ended. The user can send them again.
    for (const each of deliveries.values()) {
      this.deliveries.push(each.status === 'pending' ? { ...each, status: 'failed' } : each);
    }
  }

  snapshot(): Snapshot {
    const { invitations, outbox, deliveries } = this;
    return { version: 1, invitations: [...invitations.values()], outbox, deliveries };
  }
}
