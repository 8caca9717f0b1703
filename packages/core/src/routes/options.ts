import type { VortexClient } from '../api/client.js';
import type { VortexError } from '../lib/errors.js';
import type { Logger } from '../lib/log.js';
import type { MaybePromise } from '../lib/promises.js';
import type { ExpiresIn } from '../signing/token.js';
import type { AuthorizeOperation } from './authorize.js';
import type { CsrfMode } from './csrf.js';
import type { ResponseEvent } from './observe.js';
import type { OpenApiDocument } from './openapi.js';
import type { BoundOperationName, Operation, OperationName, OperationOf, ResultOf } from './operations.js';
import type { VortexUser } from './user.js';

/**
 * What the three mounts take. `Context` is the framework's own request (Express `req`, Fastify `request`, Hono `c`);
 * `User` is inferred from `authenticateUser`, which therefore stands before `authorizeOperation`.
 */
export interface VortexOptions<Context, User extends VortexUser> {
  /** `VRTX.<id>.<secret>`, or a function of the context where the key depends on the request. Not together with `client`. */
  apiKey?: string | undefined | ((context: Context) => string | undefined);
  /** A client of your own making, in place of `apiKey`, `baseUrl`, `allowInsecureHttp` and `timeout`. */
  client?: VortexClient | undefined;
  /** Origin of the API. Default: `VORTEX_API_BASE_URL`, else the production one. */
  baseUrl?: string | undefined;
  /** Allow a plain `http:` base URL off loopback. Default false. */
  allowInsecureHttp?: boolean | undefined;
  /** Deadline of a call to the API, in milliseconds. Default 10 000. */
  timeout?: number | undefined;

  /**
   * Who is calling? Null means nobody: 401. The addresses of the user must be verified, see {@link VortexUser}. An error
   * with the status 401 counts as nobody; any other is a 500.
   */
  authenticateUser: (context: Context) => MaybePromise<User | null | undefined>;

  /**
   * May they do this, to this? Only `true` allows; an operation without a rule is denied.
   *
   * `op.self` of ACCEPT_INVITATIONS says only that the caller accepts with an own address. Whether the invitations were
   * sent there is for the rule to see: `(await op.loadInvitations()).every((one) => isAddressedTo(one, user))`.
   *
   * @example { JWT: true, GET_INVITATIONS: (op) => op.self, REINVITE: false }
   */
  authorizeOperation: AuthorizeOperation<NoInfer<User>, Context>;

  /** Lets an operation be done in somebody else's name. Default: none. */
  actAs?: { readonly [Name in BoundOperationName]?: 'anyone' | 'self' } | undefined;

  /** The token that POST `/jwt` answers. */
  jwt?: JwtOptions<NoInfer<User>, Context> | undefined;

  /** Protection against requests that other sites make a browser send. Default `standard`. */
  csrf?: CsrfMode | undefined;
  /** Origins, such as `https://app.example.com`, whose pages may write although they are not of this host. */
  trustedOrigins?: readonly string[] | undefined;

  /** Most milliseconds a hook may take. Default 5 000. */
  hookTimeout?: number | undefined;

  /** Runs, awaited, after an operation has succeeded and before the answer is sent; what it throws makes the answer a 500. */
  onSuccess?: OnSuccess<NoInfer<User>, Context> | undefined;
  /** Hears of every failure that is not the caller's (5xx); awaited before the answer is sent. What it throws is logged. */
  onError?: ((error: VortexError, op: Operation | undefined) => unknown) | undefined;
  /**
   * Hears once of every request to an operation: what came of it, and how long it took. What it throws is logged. Not awaited:
   * on Workers give what takes longer to `c.executionCtx.waitUntil`.
   */
  onResponse?: ((event: ResponseEvent, context: Context) => unknown) | undefined;

  /** Where failures and missing rules are logged: `console`, pino or the like. Default: the framework's, else `console`. */
  logger?: Logger | undefined;
  /**
   * Whether the W3C `traceparent` of a request goes along to the Vortex API. `off` where an instrumentation of undici or
   * `fetch` sends its own, since two are as good as none. Default `forward`.
   */
  traceparent?: 'forward' | 'off' | undefined;

  /**
   * Served to everybody at GET `/openapi.json`: `openApiDocument()` of `@vortex/core/openapi`, or what you make of it. It
   * gets the mount path as its server unless it has `servers`. Default: not served.
   */
  openapi?: OpenApiDocument | undefined;
}

export interface JwtOptions<User, Context> {
  /** `jwt` (default) is what the vendor's React provider reads; `token` is the newer form. */
  format?: 'jwt' | 'token' | undefined;
  /** Default `"1h"`; at most 30 days. */
  expiresIn?: ExpiresIn | undefined;
  /** Added to the user's own `attributes`, in the claim `attributes`. */
  attributes?:
    | ((
        user: User,
        op: OperationOf<'JWT'>,
        context: Context,
      ) => MaybePromise<Readonly<Record<string, unknown>> | undefined>)
    | undefined;
}

/** One function for every operation, or a map with one for each whose `result` is typed. */
export type OnSuccess<User, Context> =
  | ((op: Operation, result: ResultOf<OperationName>, user: User, context: Context) => unknown)
  | {
      readonly [Name in OperationName]?: (
        op: OperationOf<Name>,
        result: ResultOf<Name>,
        user: User,
        context: Context,
      ) => unknown;
    };
