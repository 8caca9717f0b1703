/** Options that several mounts share, completed by spreading. */
import type { VortexMountOptions, VortexUser, WebhookMountOptions } from '@vortex/core';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { vortexPlugin } from '@vortex/fastify';
import type { Request } from 'express';

interface User extends VortexUser {
  id: string;
  isAdmin: boolean;
}

/** Options without a context fit every framework. */
const limits = { timeout: 5_000, hookTimeout: 2_000, csrf: 'strict' } as const;
const metrics = {
  onResponse: ({ operation, status, duration }) => console.log(operation, status, duration),
  onError: ({ error }) => console.error(error.code),
} satisfies Partial<VortexMountOptions<User, unknown>>;

const base = {
  ...limits,
  ...metrics,
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (req: Request): User | null => (req.get('x-user') ? { id: 'ada', isAdmin: false } : null),
};

export const router = vortexRouter({
  ...base,
  authorizeOperation: { JWT: true, REINVITE: (_op, user) => user.isAdmin },
});

export const admin = vortexRouter({
  ...base,
  authenticateUser: async (req): Promise<User> => ({ id: req.ip ?? '', isAdmin: true }),
  authorizeOperation: (op, user) => user.isAdmin && op.name !== 'DELETE_GROUP_INVITATIONS',
});

export const plugin = vortexPlugin({
  ...limits,
  ...metrics,
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (request) => (request.headers['x-user'] ? { id: 'ada', isAdmin: true } : null),
  authorizeOperation: { JWT: (_op, user) => user.isAdmin },
});

/** A function of the application's own that takes options and completes them. */
export function mount<One extends VortexUser>(
  options: Omit<VortexMountOptions<One, Request>, 'apiKey'>,
): ReturnType<typeof vortexRouter> {
  return vortexRouter({ apiKey: process.env.VORTEX_API_KEY, ...options });
}

export const mounted = mount({
  authenticateUser: () => ({ id: 7, plan: 'pro' }),
  authorizeOperation: { JWT: (_op, user) => user.plan === 'pro' && user.id.toFixed() === '7' },
});

const webhooks: Partial<WebhookMountOptions<Request>> = { maxAge: 3_600_000, lease: 30_000 };

export const webhook = vortexWebhook({ ...webhooks, secret: process.env.VORTEX_WEBHOOK_SECRET });
