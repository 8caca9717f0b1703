/** The routes as Hono types them, so that `hc<typeof app>` is a typed client. Types only. */
import type { OperationName, RequestOf, ResultOf, RouteOf, VortexErrorCode, VortexIssue } from '@vortex/core';

type PathOf<Route extends string> = Route extends `${string} ${infer Path}` ? Path : never;

type ParameterOf<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer Next}`
    ? Name | ParameterOf<Next>
    : Rest
  : never;

type Failure = { error: string; code: VortexErrorCode; issues?: VortexIssue[] | undefined };
type FailureStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;

type Parameters<Path extends string> = [ParameterOf<Path>] extends [never]
  ? unknown
  : { param: { [Name in ParameterOf<Path>]: string } };

/** The body of a POST, the query of anything else; optional where every field is. */
type Fields<Given, Target extends 'json' | 'query'> = [keyof Given] extends [never]
  ? unknown
  : Record<never, never> extends Given
    ? { [T in Target]?: Given | undefined }
    : { [T in Target]: Given };

type Input<N extends OperationName, Method extends string, Path extends string> = Parameters<Path> &
  Fields<Without<RequestOf<N>, ParameterOf<Path>>, Method extends 'POST' ? 'json' : 'query'>;

/**
 * `Omit` for each alternative of a union. The result is one object type, so that what a program exports of `hc` needs no name
 * that core keeps to itself (TS2883).
 */
type Without<Given, Names extends string> = Given extends unknown
  ? { [Field in keyof Given as Exclude<Field, Names>]: Given[Field] }
  : never;

type Endpoint<In, Out, Status> = { input: In; output: Out; outputFormat: 'json'; status: Status };

type EndpointsAt<Path extends string> = {
  [N in OperationName as RouteOf<N> extends infer Route
    ? Route extends `${infer Method} ${Path}`
      ? `$${Lowercase<Method>}`
      : never
    : never]: Extract<RouteOf<N>, `${string} ${Path}`> extends `${infer Method} ${string}`
    ? Endpoint<Input<N, Method, Path>, ResultOf<N>, 200> | Endpoint<Input<N, Method, Path>, Failure, FailureStatus>
    : never;
};

export type VortexSchema = { [Path in PathOf<RouteOf<OperationName>>]: EndpointsAt<Path> };
