/** The user's token: reads it, and keeps it fresh for a component of the vendor. */
export { type AuthenticatedUser, type DecodedToken, decodeToken, type InvitationGroup } from './decode-token.js';
export { NO_TOKEN, TokenKeeper, type TokenKeeperOptions, type TokenState } from './token-keeper.js';
