/** Verifies the tokens of the client API, and says why a token is refused. */
import { readToken } from '@vortex/core/testing';

/** The user that a token speaks for. */
export interface Caller {
  id: string;
  emails: string[];
  phones: string[];
  name: string | null;
  avatarUrl: string | null;
  /** The only domains whose e-mail addresses the user may invite. If it is empty, the user may invite all. */
  allowedEmailDomains: string[];
  /** The only component that the token is for. Undefined if it is for all of them. */
  component: string | undefined;
  /** The only scope that the token is for, as `type:id` or as a bare id. Undefined if it is for all of them. */
  scope: string | undefined;
  /**
   * Whether the token restricts the user to the component and to the scope. In the older format they are claims without a
   * documented meaning.
   */
  isRestricted: boolean;
}

/** `expiresAt` is in milliseconds since 1970, and `NaN` if the token has no time of expiry. */
export type Verdict = { caller: Caller; expiresAt: number } & (
  | { isExpired: false }
  | { isExpired: true; reason: string }
);

/** A token that does not verify. The message is the reason. */
export class TokenError extends Error {}

/**
 * Verifies a token of either format.
 *
 * @param now milliseconds since 1970
 * @throws {TokenError} if it was not signed with this key, or has no id of a user
 */
export async function judgeToken(token: string, apiKey: string, now: number): Promise<Verdict> {
  const parts = token.split('.');
  if (parts.length !== 3) throw new TokenError('The token does not have the three parts of a JWT.');
  const header = decode(parts[0] ?? '');
  if (header.alg !== 'HS256') throw new TokenError(`The token says alg ${JSON.stringify(header.alg)}, not "HS256".`);
  const read = await readToken(token, apiKey).catch((error: unknown) => {
    throw new TokenError(reasonOf(error, header.kid, apiKey));
  });
  const claims = Object(read.claims) as Record<string, unknown>;
  const caller = read.format === 'jwt' ? fromJwt(claims) : fromToken(claims);
  if (caller.id === '') {
    const name = read.format === 'jwt' ? 'userId' : 'user.id';
    throw new TokenError(`The token has no ${name}. Invitations made with it would have no inviter.`);
  }
  const { expiresAt } = read;
  if (expiresAt > now) return { caller, expiresAt, isExpired: false };
  const when = Number.isNaN(expiresAt) ? 'has no time of expiry' : `expired at ${dateText(expiresAt)}`;
  return { caller, expiresAt, isExpired: true, reason: `The token ${when}.` };
}

function reasonOf(error: unknown, kid: unknown, apiKey: string): string {
  const { code } = Object(error) as { code?: unknown };
  if (code === 'CONFIG')
    return 'The API key of the emulator cannot verify tokens: it must have the form VRTX.<id>.<secret>.';
  const [, id = ''] = apiKey.split('.');
  const isOwn = String(kid).replaceAll('-', '') === Buffer.from(id, 'base64url').toString('hex');
  const detail = isOwn
    ? ', although it names that key. It was changed after it was signed, or the secret of the key is another one'
    : `; its kid is ${JSON.stringify(kid ?? null)}`;
  return `The token is not signed with the API key of the emulator${detail}.`;
}

function fromJwt(claims: Record<string, unknown>): Caller {
  const identifiers = Array.isArray(claims.identifiers) ? claims.identifiers : [];
  const addresses = (type: string) =>
    identifiers.flatMap((each) => (Object(each).type === type ? texts(Object(each).value) : []));
  return {
    id: idOf(claims.userId),
    emails: [...new Set([...texts(claims.userEmail), ...addresses('email')])],
    phones: addresses('phone'),
    // Older SDKs have the second name.
    name: texts(claims.name ?? claims.userName)[0] ?? null,
    avatarUrl: texts(claims.avatarUrl ?? claims.userAvatarUrl)[0] ?? null,
    allowedEmailDomains: listOfTexts(claims.allowedEmailDomains),
    component: texts(claims.component)[0],
    scope: texts(claims.scope)[0],
    isRestricted: false,
  };
}

function fromToken(claims: Record<string, unknown>): Caller {
  const user = Object(claims.user) as Record<string, unknown>;
  return {
    id: idOf(user.id),
    emails: texts(user.email),
    phones: texts(user.phone),
    name: texts(user.name)[0] ?? null,
    avatarUrl: texts(user.avatarUrl)[0] ?? null,
    allowedEmailDomains: listOfTexts(user.allowedEmailDomains),
    component: texts(claims.component)[0],
    scope: texts(claims.scope)[0],
    isRestricted: true,
  };
}

function idOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function texts(value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? [value] : [];
}

function listOfTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap(texts) : [];
}

function decode(part: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString())) as Record<string, unknown>;
  } catch {
    throw new TokenError('The first part of the token is not the JSON header of a JWT.');
  }
}

function dateText(instant: number): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? 'a date that does not exist' : date.toISOString();
}
