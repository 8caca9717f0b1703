/** Suggestions for misspelt names, and for names of the vendor's packages. */

/** Longer names are not compared: the work grows with the product of the lengths. */
const MAX_LENGTH = 64;

/** Names of operations in the vendor's JavaScript adapters, and others that are tried. */
const OPERATIONS = byLetters<string>({
  token: 'JWT',
  getJwt: 'JWT',
  generateJwt: 'JWT',
  canAccessInvitationsByTarget: 'GET_INVITATIONS',
  getInvitationsByTarget: 'GET_INVITATIONS',
  canAccessInvitation: 'GET_INVITATION',
  getInvite: 'GET_INVITATION',
  invite: 'CREATE_INVITATION',
  createInvite: 'CREATE_INVITATION',
  sendInvitation: 'CREATE_INVITATION',
  canDeleteInvitation: 'REVOKE_INVITATION',
  deleteInvitation: 'REVOKE_INVITATION',
  canReinvite: 'REINVITE',
  resendInvitation: 'REINVITE',
  canAcceptInvitations: 'ACCEPT_INVITATIONS',
  canAccessInvitationsByScope: 'GET_GROUP_INVITATIONS',
  canAccessInvitationsByGroup: 'GET_GROUP_INVITATIONS',
  getScopeInvitations: 'GET_GROUP_INVITATIONS',
  getInvitationsByScope: 'GET_GROUP_INVITATIONS',
  getInvitationsByGroup: 'GET_GROUP_INVITATIONS',
  canDeleteInvitationsByScope: 'DELETE_GROUP_INVITATIONS',
  canDeleteInvitationsByGroup: 'DELETE_GROUP_INVITATIONS',
  deleteScopeInvitations: 'DELETE_GROUP_INVITATIONS',
  deleteInvitationsByScope: 'DELETE_GROUP_INVITATIONS',
  deleteInvitationsByGroup: 'DELETE_GROUP_INVITATIONS',
  canSyncInternalInvitation: 'SYNC_INTERNAL_INVITATION',
});

/** Options of the vendor's packages, and others that are tried. The first that is known is meant. */
const OPTIONS = byLetters<readonly string[]>({
  vortexApiKey: ['apiKey'],
  key: ['apiKey'],
  url: ['baseUrl'],
  vortexBaseUrl: ['baseUrl'],
  vortexApiBaseUrl: ['baseUrl'],
  user: ['authenticateUser'],
  getUser: ['authenticateUser'],
  authorize: ['authorizeOperation'],
  authorizeVortexOperation: ['authorizeOperation'],
  rules: ['authorizeOperation'],
  permissions: ['authorizeOperation'],
  accessControl: ['authorizeOperation'],
  origin: ['trustedOrigins'],
  origins: ['trustedOrigins'],
  allowedOrigins: ['trustedOrigins'],
  cors: ['trustedOrigins'],
  generateJwtAttributes: ['jwt.attributes'],
  jwtAttributes: ['jwt.attributes'],
  expiresIn: ['jwt.expiresIn'],
  expires: ['expiresIn', 'jwt.expiresIn'],
  lifetime: ['expiresIn', 'jwt.expiresIn'],
  ttl: ['expiresIn', 'jwt.expiresIn', 'retention'],
  webhookSecret: ['secret'],
  signingSecret: ['secret'],
  vortexWebhookSecret: ['secret'],
  tolerance: ['maxAge'],
  handlers: ['on'],
  events: ['on'],
  onWebhookEvent: ['onEvent'],
});

/**
 * Finds the known name that is meant by a name: our own for a name of the vendor's packages, otherwise the most similar
 * one. That has the same letters in any spelling (`getInvitations`, `get_invitations`, `GET_INVITATIONS`), or at most a third
 * of its letters changed or swapped.
 *
 * @returns a name, or a path such as `jwt.expiresIn` whose first part is known
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = lettersOf(name);
  if (plain.length > MAX_LENGTH) return undefined;
  const operation = OPERATIONS.get(plain);
  const elsewhere = [
    ...(operation === undefined ? [] : [operation, `authorizeOperation.${operation}`]),
    ...(OPTIONS.get(plain) ?? []),
  ];
  const meant = elsewhere.find((one) => known.includes(one.split('.')[0] as string));
  if (meant !== undefined) return meant;
  const scored = known.map((one) => ({ one, distance: distance(plain, lettersOf(one)) }));
  const [best] = scored.sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.floor(plain.length / 3)) ? best.one : undefined;
}

/** Any spelling of a name has the same letters. */
function byLetters<Value>(names: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(names).map(([name, value]) => [lettersOf(name), value]));
}

function lettersOf(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

/** The number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : replaced;
      row.push(Math.min(replaced, swapped, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
