import { type Invitation, type VortexClient, VortexError } from '@vortex/core';

/**
 * Finds the invitation of an event. One that was deleted or revoked after its acceptance adds no member, so it counts as not found;
 * one that has expired since is deactivated too, and is found. Any other failure is thrown, so that the event is delivered again.
 */
export async function findInvitation(client: VortexClient, id: string): Promise<Invitation | undefined> {
  try {
    const invitation = await client.getInvitation(id);
    return invitation.deactivated && !invitation.expired ? undefined : invitation;
  } catch (error) {
    if (VortexError.is(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
