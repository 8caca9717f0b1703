import { type InvitationState, invitationState, type VortexClient, VortexError } from '@vortex/core';
import { Refusal } from './refusal.js';

/** What a visitor who is not signed in may know about an invitation. Only its link has the id. Addresses are left out. */
export interface Preview {
  team: string | null;
  inviter: string | null;
  state: InvitationState;
}

/** @throws Refusal `NOT_FOUND` */
export async function previewInvitation(client: VortexClient, invitationId: string): Promise<Preview> {
  try {
    const invitation = await client.getInvitation(invitationId);
    if (invitation.invitationType === 'autojoin') throw notFound();
    return {
      team: invitation.scopes?.find(({ type }) => type === 'team')?.name ?? null,
      inviter: invitation.creatorName ?? null,
      state: invitationState(invitation),
    };
  } catch (error) {
    // 400: an id that no invitation can have.
    if (VortexError.is(error) && (error.status === 400 || error.status === 404)) throw notFound();
    throw error;
  }
}

function notFound(): Refusal {
  return new Refusal('NOT_FOUND', 'This invitation does not exist.');
}
