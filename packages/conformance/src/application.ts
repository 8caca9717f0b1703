/**
 * The application that every adapter mounts for the suite. It may run in another process or on another runtime, so a test
 * steers its hooks by request headers. This file knows neither a framework nor Node.
 */
import { memoryStore, type VortexMountOptions, type VortexUser, type WebhookMountOptions } from '@vortex/core';
import { openApiDocument } from '@vortex/core/openapi';
import { readmeRules } from './readme-rules.js';

/** Settings of one server, sent to it as JSON. */
export interface ServerSettings {
  apiKey: string;
  baseUrl: string;
  timeout?: number;
  hookTimeout?: number;
  bodyTimeout?: number;
  csrf?: 'standard' | 'strict' | 'off';
  trustedOrigins?: string[];
  actAs?: VortexMountOptions<VortexUser, unknown>['actAs'];
  jwt?: { format?: 'jwt' | 'token'; expiresIn?: '1h' | '2h' };
  /** Replaces the rule function by a map with rules for JWT and GET_INVITATIONS only. */
  sparseMap?: boolean;
  /** Uses the rules of the README. */
  readmeRules?: boolean;
  /** Serves the OpenAPI document. */
  openapi?: boolean;
  traceparent?: 'forward' | 'off';
  /** Mounts the webhook endpoint at `/webhooks/vortex`, for every method. */
  webhook?: WebhookSettings;
}

export interface WebhookSettings {
  secret: string | string[];
  /** URL that every handler calls. The answer tells the handler to return or to throw. */
  recorder: string;
  answerWithin?: number;
  bodyTimeout?: number;
  lease?: number;
  maxAge?: number;
  /** Replaces the store in memory by one that fails, or that never answers. */
  store?: 'failing' | 'hanging';
  /** The store that several programs share: the socket of a Redis, or the URL of a PostgreSQL. */
  shared?: { redis: string } | { lease: string } | { transaction: string } | 'memory';
}

/** The result of `authenticateUser`. `{ $throw: 401 }` throws with that status, and `{ $never: true }` never settles. */
export type UserSteering = unknown;

/** The behaviour of `authorizeOperation`. */
export type RuleSteering =
  | 'true'
  | 'false'
  | 'truthy'
  | 'throw'
  | 'never'
  | 'self'
  | 'load'
  | 'load, then allow'
  | 'load, but deny without looking'
  | 'change the operation';

export const USER_HEADER = 'x-conformance-user';
export const RULE_HEADER = 'x-conformance-rule';

export function conformanceOptions<Context>(
  settings: ServerSettings,
  header: (context: Context, name: string) => string | undefined,
): VortexMountOptions<VortexUser, Context> {
  const { sparseMap, readmeRules: isReadme, jwt, openapi, webhook: _, ...options } = settings;
  return {
    ...options,
    ...(openapi && { openapi: openApiDocument() }),
    jwt: { ...jwt, attributes: (_op, user) => ({ of: user.id }) },
    authenticateUser: (context) => steerUser(header(context, USER_HEADER)) as Promise<VortexUser>,
    authorizeOperation: sparseMap
      ? { JWT: (op) => op.context?.scope !== 'forbidden', GET_INVITATIONS: (op) => op.self }
      : async (op, _user, context) => {
          const rule = (header(context, RULE_HEADER) ?? 'true') as RuleSteering;
          switch (rule) {
            case 'true':
              return true;
            case 'self':
              return 'self' in op && op.self;
            case 'load':
            case 'load, then allow': {
              const loaded =
                'loadInvitation' in op
                  ? [await op.loadInvitation()]
                  : 'loadInvitations' in op
                    ? await op.loadInvitations()
                    : [];
              return (
                rule === 'load, then allow' || loaded.every((invitation) => invitation.scopes?.[0]?.scopeId === 'mine')
              );
            }
            case 'load, but deny without looking':
              if ('loadInvitation' in op) void op.loadInvitation();
              return false;
            case 'change the operation':
              if (op.name === 'ACCEPT_INVITATIONS') (op.invitationIds as string[]).push('another');
              return true;
            case 'throw':
              throw new Error('a secret of the application');
            case 'never':
              return new Promise(() => {});
            case 'truthy':
              return 'yes' as unknown as boolean;
            default:
              return false;
          }
        },
    ...(isReadme && { authorizeOperation: readmeRules }),
  };
}

export function webhookOptions({
  recorder,
  store,
  shared: _,
  ...options
}: WebhookSettings): WebhookMountOptions<unknown> {
  const call = async (handler: string, subject: unknown) => {
    const answer = await fetch(`${recorder}/${encodeURIComponent(`${handler} ${subject}`)}`);
    const { throw: isToThrow } = (await answer.json()) as { throw?: boolean };
    if (isToThrow) throw new Error('told to throw');
  };
  const named = (handler: string) => (event: { id: string }) => call(handler, event.id);
  const claim = {
    failing: () => Promise.reject(new Error('a secret of the store')),
    hanging: () => new Promise<never>(() => {}),
  };
  return {
    ...options,
    ...(store && { store: { ...memoryStore(), claim: claim[store] } }),
    on: { 'invitation.accepted': named('on') },
    onEvent: named('onEvent'),
    onAnalyticsEvent: named('onAnalyticsEvent'),
    onError: ({ error }) => {
      const { name, message } = error as Error;
      return call('onError', name === 'Error' ? message : name);
    },
  };
}

async function steerUser(text: string | undefined): Promise<unknown> {
  if (text === undefined) return null;
  const user = JSON.parse(decodeURIComponent(text));
  if (user?.$throw) throw Object.assign(new Error('a secret of the application'), { statusCode: user.$throw });
  return user?.$never ? new Promise(() => {}) : user;
}
