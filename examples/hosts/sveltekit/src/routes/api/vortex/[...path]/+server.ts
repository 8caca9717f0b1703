import type { RequestEvent, RequestHandler } from '@sveltejs/kit';
import { vortexHandler } from '@vortex/hono';
import type { Context } from 'hono';
import { VORTEX_API_KEY } from '$app/env/private';
import { authorizeOperation } from '../../../../../../your-app.js';

const vortex = vortexHandler({
  basePath: '/api/vortex',
  apiKey: () => VORTEX_API_KEY, // a function: `vite build` loads this file without the secret
  authenticateUser: (c: Context<{ Bindings: RequestEvent }>) => c.env.locals.user,
  authorizeOperation,
});

export const fallback: RequestHandler = (event) => vortex(event.request, event);
