/** An application that mounts the routes, in front of the emulator; both listen on ports of their own. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { VortexMountOptions, VortexUser } from '@vortex/core';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { vortexRouter } from '@vortex/express';
import { type NewInvitation, VortexRequestError } from '@vortex/react';
import express, { type Request, type Response } from 'express';
import { expect } from 'vitest';

/** With what trips up plain `atob`: names beyond ASCII. */
export const zoe = { id: 'u-zoë', email: 'zoe@harbor.example', name: 'Zoë 🚀 ~?>' } satisfies VortexUser;

export interface Application {
  /** Where the routes are mounted. */
  url: string;
  emulator: Emulator;
  /** What has arrived, such as `GET /invitations/1`; a request whose caller has left is marked. */
  requests: string[];
  bodies: unknown[];
  /** The signed-in user; null for nobody. */
  user: VortexUser | null;
  /** Answers in place of the routes, if it is there. */
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

export function newInvitation(to: string, scopeId = 't1'): NewInvitation {
  return {
    widgetConfigurationId: 'configuration-1',
    target: { type: 'email', value: to },
    scopes: [{ type: 'team', scopeId, name: 'Team' }],
  };
}

/** What a call rejects with. */
export async function failure(call: Promise<unknown>): Promise<VortexRequestError> {
  const [result] = await Promise.allSettled([call]);
  expect(result).toMatchObject({ status: 'rejected', reason: expect.any(VortexRequestError) });
  return (result as PromiseRejectedResult).reason;
}

/** A promise and what settles it. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
