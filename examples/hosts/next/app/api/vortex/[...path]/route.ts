import { vortexHandler } from '@vortex/hono';
import { authorizeOperation, findUser } from '../../../../../your-app.js';

const vortex = vortexHandler({
  basePath: '/api/vortex',
  apiKey: () => process.env.VORTEX_API_KEY, // a function: `next build` loads this file without the secret
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});

export { vortex as DELETE, vortex as GET, vortex as POST };
