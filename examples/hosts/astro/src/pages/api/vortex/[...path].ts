import { vortexHandler } from '@vortex/hono';
import type { APIRoute } from 'astro';
import { authorizeOperation, findUser } from '../../../../../your-app.js';

const vortex = vortexHandler({
  basePath: '/api/vortex',
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});

export const ALL: APIRoute = ({ request }) => vortex(request);
