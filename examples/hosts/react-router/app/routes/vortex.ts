import { vortexHandler } from '@vortex/hono';
import { authorizeOperation, findUser } from '../../../your-app.js';
import type { Route } from './+types/vortex';

const vortex = vortexHandler({
  basePath: '/api/vortex',
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});

export const loader = ({ request }: Route.LoaderArgs) => vortex(request);
export const action = ({ request }: Route.ActionArgs) => vortex(request);
