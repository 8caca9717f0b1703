/** Starts an application that mounts the routes, and an emulator behind it. Each listens on a free port. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CreateInvitationRequest, VortexRequestError } from '@vortex/browser';
import type { VortexMountOptions, VortexUser } from '@vortex/core';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { vortexRouter } from '@vortex/express';
import express, { type Request, type Response } from 'express';
import { expect } from 'vitest';

/** A user whose name and id have characters beyond ASCII, which plain `atob` does not decode. */
export const zoe = { id: 'u-zoë', email: 'zoe@harbor.example', name: 'Zoë 🚀 ~?>' } satisfies VortexUser;

export interface Application {
  /** The URL at which the routes are mounted. */
  url: string;
  emulator: Emulator;
  /** The requests that arrived, such as `GET /invitations/1`, with ` (aborted)` appended if the caller disconnected. */
  requests: string[];
  bodies: unknown[];
  /** The signed-in user, or null. */
  user: VortexUser | null;
  /** If set, answers each request in place of the routes. */
  instead: ((request: Request, response: Response) => void) | undefined;
  jwt: NonNullable<VortexMountOptions<VortexUser, Request>['jwt']>;
  reset(): void;
  close(): Promise<void>;
}

export async function startApplication(): Promise<Application> {
  const emulator = await startEmulator();
  const app = express();
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const initial = { user: zoe, instead: undefined, jwt: {} } as const;
  const application: Application = {
    ...initial,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/vortex`,
    emulator,
    requests: [],
    bodies: [],
    reset() {
      emulator.reset();
      Object.assign(application, initial, { requests: [], bodies: [] });
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await emulator.close();
    },
  };
  app.use(express.json());
  app.use('/api/vortex', (request, response, next) => {
    const at = application.requests.push(`${request.method} ${request.url}`) - 1;
    const { requests } = application;
    application.bodies.push(request.body);
    response.on('close', () => {
      if (!response.writableFinished) requests[at] += ' (aborted)';
    });
    if (application.instead) application.instead(request, response);
    else next();
  });
  app.use('/api/vortex', (request, response, next) =>
    vortexRouter({
      apiKey: emulator.apiKey,
      baseUrl: emulator.url,
      authenticateUser: () => application.user,
      authorizeOperation: (op) => op.name !== 'REINVITE',
      jwt: application.jwt,
    })(request, response, next),
  );
  return application;
}

export function newInvitation(to: string, scopeId = 't1'): CreateInvitationRequest {
  return {
    widgetConfigurationId: 'configuration-1',
    target: { type: 'email', value: to },
    scopes: [{ type: 'team', scopeId, name: 'Team' }],
  };
}

/** Returns the error that a call rejects with. Fails if the call succeeds. */
export async function failure(call: Promise<unknown>): Promise<VortexRequestError> {
  const [result] = await Promise.allSettled([call]);
  expect(result).toMatchObject({ status: 'rejected', reason: expect.any(VortexRequestError) });
  return (result as PromiseRejectedResult).reason;
}

/** Returns a promise and the function that resolves it. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
