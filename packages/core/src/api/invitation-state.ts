import type { Invitation } from './wire.js';

/** Whether an invitation can be accepted, or why not. */
export type InvitationState = 'open' | 'accepted' | 'revoked' | 'expired';

/**
 * Returns the state of an invitation. `deactivated` alone does not tell it, since the API sets it for a revoked invitation and
 * for an expired one. An invitation that was revoked and has expired since counts as expired. One that several people may accept
 * (`multi_use` or `autojoin`) stays open after an acceptance.
 *
 * `@vortex/browser` exports the same rule: it has no dependency at run time.
 */
export function invitationState(
  invitation: Pick<Invitation, 'status' | 'invitationType' | 'deactivated' | 'expired' | 'expires'>,
): InvitationState {
  const { status, invitationType, deactivated, expired, expires } = invitation;
  const isReusable = invitationType === 'multi_use' || invitationType === 'autojoin';
  if (!isReusable && (status === 'accepted' || status === 'accepted_elsewhere')) return 'accepted';
  if (expired ?? (!!expires && Date.parse(expires) <= Date.now())) return 'expired';
  return deactivated ? 'revoked' : 'open';
}
