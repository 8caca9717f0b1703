import type { VortexClient } from '../api/client.js';
import type { VortexError } from '../lib/errors.js';
import type { Logger } from '../lib/log.js';
import type { MaybePromise, PerRequest } from '../lib/promises.js';
import type { ExpiresIn } from '../signing/token.js';
import type { AuthorizeOperation } from './authorize.js';
import type { CsrfMode } from './csrf.js';
import type { ResponseEvent } from './observe.js';
import type {
  ActAsOperationName,
  Operation,
  OperationName,
  OperationOf,
  OperationTypes,
  ResultOf,
} from './operation-types.js';
import type { VortexUser } from './user.js';

/**
 * The options of the three mounts. `Context` is the framework's own request (Express `req`, Fastify `request`, Hono `c`).
 * `User` is inferred from `authenticateUser`, which must therefore come before `authorizeOperation`.
 */
export interface VortexMountOptions<User extends VortexUser, Context> {
  /**
   * `VRTX.<id>.<secret>`, or a function of the context if the key depends on the request, such as one that reads it from a
   * database. Cannot be combined with `client`.
   */
  apiKey?: PerRequest<string | undefined, Context> | undefined;
  /**
   * A client of the application's own, or a function of the context, instead of `apiKey`, `baseUrl`, `allowInsecureHttp` and
   * `timeout`. Any object with the methods of a `VortexClient` will do, such as one of a test.
   */
  client?: PerRequest<Pick<VortexClient, keyof VortexClient>, Context> | undefined;
  /**
   * Origin of the API, or a function of the context. The function may return `undefined` for the default.
   *
   * @default the environment variable `VORTEX_API_BASE_URL`, otherwise `https://api.vortexsoftware.com`
   */
  baseUrl?: PerRequest<string | undefined, Context> | undefined;
  /**
   * Allows a plain `http:` base URL off loopback.
   *
   * @default false
   */
  allowInsecureHttp?: boolean | undefined;
  /**
   * Total deadline of a call to the API in milliseconds, its retries included.
   *
   * @default 10_000
   */
  timeout?: number | undefined;

  /**
   * Returns the caller. `null`, or an error with status 401, means that the caller is signed out: 401. Any other error is a
   * 500. The addresses of the user must be verified, see {@link VortexUser}.
   */
  authenticateUser: (context: Context) => MaybePromise<User | null | undefined>;

  /**
   * Decides whether the caller may run the operation. Only `true` allows. An operation without a rule is denied.
   *
   * `@vortex/core/rules` has rules to combine. `op.self` of ACCEPT_INVITATIONS is true if the caller accepts with an address
   * of their own. It does not tell whether the invitations were sent to that address; `mayAccept` does.
   *
   * @example { GET_INVITATIONS: (op) => op.self, ACCEPT_INVITATIONS: mayAccept, REINVITE: false }
   */
  authorizeOperation: AuthorizeOperation<User, Context>;

  /**
   * Operations that may be done in the name of another person.
   *
   * @default none
   */
  actAs?: { readonly [Name in ActAsOperationName]?: 'anyone' | undefined } | undefined;

  /** Settings of the token that POST `/jwt` returns. */
  jwt?: JwtOptions<NoInfer<User>, Context> | undefined;

  /**
   * Protection against requests that other sites make a browser send.
   *
   * @default 'standard'
   */
  csrf?: CsrfMode | undefined;
  /**
   * Origins of other hosts, applications or extensions whose pages may write, such as `https://app.example.com` or
   * `capacitor://localhost`; or a function that returns `true` for a trusted origin.
   *
   * @default []
   */
  trustedOrigins?: readonly string[] | ((origin: string, context: Context) => MaybePromise<boolean>) | undefined;

  /**
   * Maximum duration of a hook in milliseconds.
   *
   * @default 5_000
   */
  hookTimeout?: number | undefined;
  /**
   * Maximum duration of reading a request body in milliseconds. After that the reply is 408 and the connection is closed.
   *
   * @default 10_000
   */
  bodyTimeout?: number | undefined;

  /** Runs after an operation has succeeded. The reply waits for it; an error that it throws makes the reply a 500. */
  onSuccess?: OnSuccess<NoInfer<User>, Context> | undefined;
  /** Receives every failure with a 5xx status. The reply waits for it; an error that it throws is logged. */
  onError?: ((event: FailureEvent, context: Context) => unknown) | undefined;
  /**
   * Receives the outcome and the duration of every request to an operation. The reply does not wait for it; an error that it
   * throws is logged. On Workers, pass longer work to `c.executionCtx.waitUntil`.
   */
  onResponse?: ((event: ResponseEvent, context: Context) => unknown) | undefined;

  /**
   * Logs failures and missing rules.
   *
   * @default the framework's logger, otherwise `console`
   */
  logger?: Logger | undefined;
  /**
   * Forwards the W3C `traceparent` of a request to the Vortex API. Use `off` if an instrumentation of undici or `fetch`
   * sends its own, since a call with two trace contexts has none.
   *
   * @default 'forward'
   */
  traceparent?: 'forward' | 'off' | undefined;

  /**
   * A document that GET `/openapi.json` serves without authentication, such as the result of `openApiDocument()` of
   * `@vortex/core/openapi`, the imported `@vortex/core/openapi.json`, or either with additions. Unless it has `servers`, the mount path becomes its server.
   *
   * @default no such route
   */
  openapi?: Readonly<Record<string, unknown>> | { readonly openapi: string } | undefined;
}

export interface JwtOptions<User, Context> {
  /**
   * `jwt` is read by the vendor's React provider, `token` is the newer format. A `token` has the component and the scope of
   * the request only if a rule function for JWT has seen them: with `JWT: true`, the caller could choose any.
   *
   * @default 'jwt'
   */
  format?: 'jwt' | 'token' | undefined;
  /**
   * Lifetime of the token, at most 30 days.
   *
   * @default '1h'
   */
  expiresIn?: ExpiresIn | undefined;
  /** Returns attributes that are added to the user's own in the claim `attributes`. */
  attributes?:
    | ((
        op: OperationOf<'JWT'>,
        user: User,
        context: Context,
      ) => MaybePromise<Readonly<Record<string, unknown>> | undefined>)
    | undefined;
  /**
   * Returns further members of the token, such as `vars`, `trigger` or `embed`. `component` and `scope` replace those of the
   * request, and `attributes` replaces the user's and those of the option `attributes`. With the format `jwt`, members become
   * claims.
   */
  payload?:
    | ((
        op: OperationOf<'JWT'>,
        user: User,
        context: Context,
      ) => MaybePromise<Readonly<Record<string, unknown>> | undefined>)
    | undefined;
}

/** An operation that has succeeded. */
export interface SuccessEvent<Name extends OperationName, User> {
  /** Name of the operation. Comparing it narrows `op` and `result`. */
  readonly operation: Name;
  /** The operation, as its rule got it. */
  readonly op: OperationOf<Name>;
  /** The JSON result, which the reply has. */
  readonly result: ResultOf<Name>;
  /** The caller, as `authenticateUser` returned it. */
  readonly user: User;
}

/** A request that has failed with a 5xx status. */
export interface FailureEvent {
  readonly error: VortexError;
  /** Undefined if the request failed before its input was validated, or before its client was known. */
  readonly op: Operation | undefined;
}

/** One function for all operations, or a map with a function per operation. */
export type OnSuccess<User, Context> =
  | ((event: { [Name in OperationName]: SuccessEvent<Name, User> }[OperationName], context: Context) => unknown)
  | {
      readonly [Name in keyof OperationTypes]?:
        | ((event: SuccessEvent<Name, User>, context: Context) => unknown)
        | undefined;
    };
