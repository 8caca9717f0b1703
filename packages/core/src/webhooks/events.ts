/** The events that Vortex sends. Only the signature and the kind are checked: the fields are as the sender wrote them. */
import type { InvitationScope, InvitationTarget } from '../api/wire.js';
import { isObject } from '../lib/values.js';

/** `data` of events about an invitation. Vortex documents only that it is an object, so any field may be absent. */
export interface InvitationEventData {
  /** Used by the vendor's own examples. */
  invitationId?: string | undefined;
  /** Used by the vendor's own examples. The e-mail address of the invitee. */
  targetEmail?: string | undefined;
  // No page documents the following fields. They are those of the invitation.
  invitationType?: string | undefined;
  status?: string | undefined;
  target?: InvitationTarget[] | undefined;
  scopes?: InvitationScope[] | undefined;
  /** Older name of `scopes`. */
  groups?: InvitationScope[] | undefined;
  scope?: string | null | undefined;
  scopeType?: string | null | undefined;
  /** The inviter's id in the application. */
  foreignCreatorId?: string | null | undefined;
  metadata?: Record<string, unknown> | null | undefined;
  /** The accepting user. `id` is the application's id, if Vortex knows it. */
  user?:
    | {
        id?: string | undefined;
        email?: string | undefined;
        phone?: string | undefined;
        name?: string | undefined;
        isExisting?: boolean | undefined;
      }
    | undefined;
  [field: string]: unknown;
}

/** `data` of `group.member.added`: that of the invitation, and the scope of the new member. */
export interface GroupMemberEventData extends InvitationEventData {
  scopeName?: string | undefined;
}

type OtherEventData = Record<string, unknown>;

/** The event types of the vendor's Node SDK 0.20.0. */
interface EventData {
  'invitation.created': InvitationEventData;
  'invitation.accepted': InvitationEventData;
  'invitation.deactivated': InvitationEventData;
  'invitation.email.delivered': InvitationEventData;
  'invitation.email.bounced': InvitationEventData;
  'invitation.email.opened': InvitationEventData;
  'invitation.link.clicked': InvitationEventData;
  'invitation.reminder.sent': InvitationEventData;
  'deployment.created': OtherEventData;
  'deployment.deactivated': OtherEventData;
  'abtest.started': OtherEventData;
  'abtest.winner_declared': OtherEventData;
  'member.created': OtherEventData;
  'group.member.added': GroupMemberEventData;
  'email.complained': OtherEventData;
}

export type WebhookEventType = keyof EventData;

/** The event types that this version knows. */
export const WEBHOOK_EVENT_TYPES = [
  'invitation.created',
  'invitation.accepted',
  'invitation.deactivated',
  'invitation.email.delivered',
  'invitation.email.bounced',
  'invitation.email.opened',
  'invitation.link.clicked',
  'invitation.reminder.sent',
  'deployment.created',
  'deployment.deactivated',
  'abtest.started',
  'abtest.winner_declared',
  'member.created',
  'group.member.added',
  'email.complained',
] as const satisfies readonly WebhookEventType[];

type Unlisted = Exclude<WebhookEventType, (typeof WEBHOOK_EVENT_TYPES)[number]>;
/**
 * Fails to compile, naming the type, if the list lacks one.
 *
 * @public
 */
export type EventTypesAreListed = MustBeNever<Unlisted>;
type MustBeNever<Value extends never> = Value;

/** The names of analytics events that this version knows. */
export const ANALYTICS_EVENT_NAMES = [
  'widget_loaded',
  'invitation_sent',
  'invitation_clicked',
  'invitation_accepted',
  'share_triggered',
] as const;

interface Envelope<Type, Data> {
  /** Documented as the id of the delivery. The default store assumes that a redelivery has the same id. */
  id: string;
  type: Type;
  /** Time of the event, ISO 8601. */
  timestamp: string;
  // The vendor's pages document only the four other fields.
  accountId?: string | undefined;
  environmentId?: string | null | undefined;
  sourceTable?: string | undefined;
  operation?: 'insert' | 'update' | 'delete' | undefined;
  data: Data;
}

export type WebhookEventOf<Type extends WebhookEventType> = Envelope<Type, EventData[Type]>;

/** The type of an event that this version does not know. For the compiler only: no known event type is assignable to it. */
export declare enum NewerWebhookEventType {
  type = 'a type that came after this version',
}

/** An event of a type that this version does not know. */
export type NewerWebhookEvent = Envelope<NewerWebhookEventType, Record<string, unknown>>;

/** A webhook event, discriminated by `type`. */
export type WebhookEvent = { [Type in WebhookEventType]: WebhookEventOf<Type> }[WebhookEventType] | NewerWebhookEvent;

/** An action of a user that a component of Vortex recorded. */
export interface AnalyticsEvent {
  id: string;
  name: (typeof ANALYTICS_EVENT_NAMES)[number] | (string & {}) | null;
  accountId: string;
  organizationId: string;
  projectId: string;
  environmentId: string;
  deploymentId: string | null;
  widgetConfigurationId: string | null;
  foreignUserId: string | null;
  sessionId: string | null;
  payload: Record<string, unknown> | null;
  platform: string | null;
  segmentation: string | null;
  /** ISO 8601. */
  timestamp: string;
}

/** A signed object that is neither kind of event. No handler gets it. Its members are not checked: any of them may be missing. */
export interface UnknownEvent {
  id: string;
  type?: undefined;
  name?: undefined;
  timestamp: string;
}

/** Both kinds arrive at the same URL, with the same signature. `isWebhookEvent` and `isAnalyticsEvent` tell them apart. */
export type VortexEvent = WebhookEvent | AnalyticsEvent | UnknownEvent;

/** True for an object with `name`, even if it is null and even with a `type`. */
export function isAnalyticsEvent(event: unknown): event is AnalyticsEvent {
  return isObject(event) && 'name' in event;
}

/** True for an object with `type` and without `name`. */
export function isWebhookEvent(event: unknown): event is WebhookEvent {
  return isObject(event) && Object.hasOwn(event, 'type') && !('name' in event);
}
