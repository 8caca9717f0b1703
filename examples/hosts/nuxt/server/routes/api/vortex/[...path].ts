import { vortexHandler } from '@vortex/hono';
import { authorizeOperation, findUser } from '../../../../../your-app.js';

const vortex = vortexHandler({
  basePath: '/api/vortex',
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});

export default defineEventHandler((event) => vortex(toWebRequest(event)));
