/**
 * A local Vortex cloud for development and tests, without an account or internet access. Not for production.
 *
 * @example
 * const emulator = await startEmulator();
 * const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
 * await emulator.close();
 */
export type { RecordedCall, RecordedMessage } from './calls.js';
export { type ConnectedEmulator, connectEmulator, type EmulatorState } from './connect.js';
export { createEmulator, type Emulator, startEmulator } from './emulator.js';
export type { ActiveFault, Fault } from './faults.js';
export type { EmulatedAcceptance, EmulatedInvitation } from './invitation.js';
export {
  DEFAULT_API_KEY,
  DEFAULT_WEBHOOK_SECRET,
  type EmulatorOptions,
  type ListenOptions,
  type Shape,
} from './options.js';
export type { EmulatedRoute } from './routes.js';
export type { Delivery, EmulatorEvent, OutboxMessage } from './state.js';
export type { InvitationUpdate } from './store.js';
