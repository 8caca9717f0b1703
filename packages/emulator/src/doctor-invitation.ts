/** The invitations that the doctor makes in the emulator, and revokes again. */
import { randomUUID } from 'node:crypto';
import type { Caller, DoctorOptions } from './doctor-findings.js';
import { type Answer, ask } from './doctor-http.js';
import type { EmulatedInvitation } from './invitation.js';

/** Stands for a caller whose id is not known. */
export const STRANGER = 'vortex-doctor';

/** The name of the scope if --scope-name is not given. */
export const SCOPE_NAME = 'Vortex doctor';

/** Makes an invitation from the caller in the emulator, and returns its id. Nothing is sent for an internal target. */
export async function makeInvitation(
  { emulator, apiKey, scope, scopeName = SCOPE_NAME, metadata }: DoctorOptions,
  { id = STRANGER, email }: Pick<Caller, 'id' | 'email'>,
  target: { type: 'internal' | 'email'; value: string | undefined },
): Promise<string | undefined> {
  const { body } = await ask(`${emulator}/api/v1/invitations`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({
      widgetConfigurationId: randomUUID(),
      target: { ...target, value: target.value ?? STRANGER },
      inviter: { userId: id, userEmail: email },
      groups: [{ type: scope?.scopeType ?? 'doctor', groupId: scope?.scope ?? randomUUID(), name: scopeName }],
      metadata,
      source: 'vortex-doctor',
    }),
  });
  return typeof body.id === 'string' ? body.id : undefined;
}

export async function readInvitation(
  { emulator, apiKey }: DoctorOptions,
  id: string,
): Promise<EmulatedInvitation | undefined> {
  const { status, body } = await ask(`${emulator}/api/v1/invitations/${id}`, { headers: { 'x-api-key': apiKey } });
  return status === 200 ? (body as unknown as EmulatedInvitation) : undefined;
}

/** Lists the open invitations of a scope in the emulator, by the path of the scope. */
export function listInvitations({ emulator, apiKey }: DoctorOptions, path: string): Promise<Answer> {
  return ask(`${emulator}/api/v1${path}`, { headers: { 'x-api-key': apiKey } });
}

export async function acceptInvitation(
  { emulator, apiKey }: DoctorOptions,
  id: string,
  user: { email: string },
): Promise<void> {
  await ask(`${emulator}/api/v1/invitations/accept`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ invitationIds: [id], user }),
  });
  // The emulator may send the application an event of its own about it.
  await settled({ emulator });
}

/** Waits until the emulator sends no webhook. Without the control API, which answers this machine only, it does not wait. */
export async function settled({ emulator }: Pick<DoctorOptions, 'emulator'>): Promise<void> {
  await ask(`${emulator}/_emulator/settled`, { method: 'POST' });
}

export async function removeInvitation({ emulator, apiKey }: DoctorOptions, id: string): Promise<void> {
  await ask(`${emulator}/api/v1/invitations/${id}`, { method: 'DELETE', headers: { 'x-api-key': apiKey } });
}
