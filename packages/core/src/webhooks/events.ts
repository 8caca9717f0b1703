/** What Vortex sends to the application. Nothing here is checked beyond its signature: `data` is what the sender says. */
import type { InvitationScope, InvitationTarget } from '../api/wire.js';

/** `data` of the events about an invitation. Vortex documents an object and no more, so any field may be absent. */
export interface InvitationEventData {
  invitationId?: string;
  invitationType?: string;
  status?: string;
  targetEmail?: string;
  target?: InvitationTarget[];
  scopes?: InvitationScope[];
  /** Older spelling of `scopes`. */
  groups?: InvitationScope[];
  scope?: string | null;
  scopeType?: string | null;
  /** The inviter's id in your own system. */
  foreignCreatorId?: string | null;
  metadata?: Record<string, unknown> | null;
  /** Who accepted; `id` is your own, where Vortex knows it. */
  user?: { id?: string; email?: string; phone?: string; name?: string; isExisting?: boolean };
  [field: string]: unknown;
}

/** `data` of `group.member.added`: the invitation's, and the one scope that somebody is now a member of. */
export interface GroupMemberEventData extends InvitationEventData {
  scopeName?: string;
}

type OtherEventData = Record<string, unknown>;

/** The types of the vendor's Node SDK 0.20.0. */
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

interface Envelope<Type, Data> {
  /** The same at every delivery of the event. */
  id: string;
  type: Type;
  /** When it happened, ISO 8601. */
  timestamp: string;
  accountId: string;
  environmentId: string | null;
  sourceTable: string;
  operation: 'insert' | 'update' | 'delete';
  data: Data;
}

export type WebhookEventOf<Type extends WebhookEventType> = Envelope<Type, EventData[Type]>;

/** There for the compiler only: some text, but none that a known type could be mistaken for. */
declare enum NewerType {
  type = 'a type that came after this version',
}

/** Of a type that came after this version. */
export type NewerWebhookEvent = Envelope<NewerType, Record<string, unknown>>;

/** Comparing `type` with a known one narrows `data`. */
export type WebhookEvent = { [Type in WebhookEventType]: WebhookEventOf<Type> }[WebhookEventType] | NewerWebhookEvent;

/** What a widget of Vortex's saw somebody do. */
export interface AnalyticsEvent {
  id: string;
  name:
    | 'widget_loaded'
    | 'invitation_sent'
    | 'invitation_clicked'
    | 'invitation_accepted'
    | 'share_triggered'
    | (string & {});
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

/** Both arrive at the same place, signed alike. */
export type VortexEvent = WebhookEvent | AnalyticsEvent;

/** Has a `name`, be it null; that it may have a `type` too does not matter. */
export function isAnalyticsEvent(event: unknown): event is AnalyticsEvent {
  return isObject(event) && 'name' in event;
}

/** Has a `type` and no `name`. */
export function isWebhookEvent(event: unknown): event is WebhookEvent {
  return isObject(event) && Object.hasOwn(event, 'type') && !('name' in event);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
