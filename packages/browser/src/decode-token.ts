/** Reads tokens without verifying them. The claims are for display; the server decides what the user may do. */
import type { InvitationScope } from '@vortex/core';

/** A group of a token or of an invitation, with the fields of the vendor's type. */
export type InvitationGroup = Pick<InvitationScope, 'type' | 'name'> & {
  id?: string | undefined;
  groupId?: string | undefined;
  accountId?: string | undefined;
  createdAt?: string | undefined;
};

export interface AuthenticatedUser {
  userId: string;
  userEmail?: string | undefined;
  name?: string | undefined;
  avatarUrl?: string | undefined;
  adminScopes?: string[] | undefined;
  identifiers?: { type: string; value: string }[] | undefined;
  groups?: InvitationGroup[] | undefined;
  role?: string | undefined;
}

export interface DecodedToken {
  claims: Record<string, unknown>;
  /**
   * The lifetime of the token, in milliseconds. It is the difference between two times of the server, so a wrong clock of the
   * browser does not change it.
   */
  lifetime?: number | undefined;
}

/** Decodes a token of either format. Returns undefined if the text is not a token. */
export function decodeToken(jwt: string): DecodedToken | undefined {
  try {
    const [head, claims] = jwt.split('.').slice(0, 2).map(decodePart);
    if (!head || !claims) return undefined;
    // The format `jwt` has `iat` in its header and `expires` in its claims; the format `token` has `iat` and `exp` in its claims.
    const issued = seconds(claims.iat ?? head.iat) ?? Date.now() / 1000;
    const ends = seconds(claims.exp ?? claims.expires);
    return ends === undefined ? { claims } : { claims, lifetime: (ends - issued) * 1000 };
  } catch {
    return undefined;
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Decodes base64url and UTF-8 by hand: `atob` and `TextDecoder` are missing in versions of React Native and in jsdom, and a
 * token must be readable there too. `decodeURIComponent` throws for bytes that are not UTF-8.
 */
function decodePart(part: string): Record<string, unknown> | undefined {
  let escaped = '';
  let buffer = 0;
  let bits = 0;
  for (const letter of part.replace(/-/gu, '+').replace(/_/gu, '/').replace(/=+$/u, '')) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return undefined;
    buffer = (buffer << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    escaped += `%${((buffer >> bits) & 255).toString(16).padStart(2, '0')}`;
  }
  const value: unknown = JSON.parse(decodeURIComponent(escaped));
  return Object(value) === value ? (value as Record<string, unknown>) : undefined;
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Reads the user from the claims: `userId`, `userEmail` and so on in one format, `user: { id, email, … }` in the other. */
export function userOf(
  claims: Record<string, unknown>,
  defaultGroups: InvitationGroup[] | undefined,
): AuthenticatedUser | null {
  const user = Object(claims.user) as Record<string, unknown>;
  const userId = claims.userId ?? user.id;
  if (typeof userId !== 'string' && typeof userId !== 'number') return null;
  const found = {
    userEmail: text(claims.userEmail ?? user.email),
    name: text(claims.name ?? claims.userName ?? user.name),
    avatarUrl: text(claims.avatarUrl ?? claims.userAvatarUrl ?? user.avatarUrl),
    adminScopes: list(claims.adminScopes ?? user.adminScopes),
    identifiers: list(claims.identifiers),
    groups: list(claims.groups) ?? defaultGroups,
    role: text(claims.role),
  };
  const known = Object.entries(found).filter(([, value]) => value !== undefined);
  return { userId: String(userId), ...Object.fromEntries(known) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function list(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
