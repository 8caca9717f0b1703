/** Tests that an application tolerates what a newer sender posts. */
import { webhookEvent, webhookRequest } from '@vortex/core/testing';

interface NewerEvent {
  id: string;
  type: 'invitation.archived';
  timestamp: string;
  data: object;
}
const newer: NewerEvent = { id: 'e-1', type: 'invitation.archived', timestamp: '2026-01-01T00:00:00Z', data: {} };
const { EVENT_ID } = process.env;

export const requests = [
  webhookRequest(webhookEvent('invitation.accepted', { id: EVENT_ID }), 'secret'),
  webhookRequest(newer, 'secret'),
  webhookRequest({ id: 'e-2', name: 'widget_loaded', payload: null }, 'secret'),
];
