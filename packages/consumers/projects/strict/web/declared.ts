// A frontend whose only packages of ours are these, so that no type may need the name of another.
import { createEmulator } from '@vortex/emulator';
import { useInvitations, useVortexAuth, VortexBackend } from '@vortex/react';

const backend = new VortexBackend();
export async function accept(ids: string[]) {
  return backend.acceptInvitations(ids);
}
export const calls = {
  get: () => backend.getInvitation('a'),
  byScope: () => backend.getInvitationsByScope('team', 'a', { start: 1 }),
  reinvite: () => backend.reinvite('a'),
  autojoin: () => backend.getAutojoinDomains('team', 'a'),
};
export function useEverything() {
  return { ...useInvitations(), ...useVortexAuth(), extra: 1 };
}
export const emulator = createEmulator();
export const { outbox, invitations } = emulator;
