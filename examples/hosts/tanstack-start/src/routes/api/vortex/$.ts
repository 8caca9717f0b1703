import { createFileRoute } from '@tanstack/react-router';
import { vortexHandler } from '@vortex/hono';
import { authorizeOperation, findUser } from '../../../../../your-app.js';

const vortex = vortexHandler({
  basePath: '/api/vortex',
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});

export const Route = createFileRoute('/api/vortex/$')({
  server: { handlers: { ANY: ({ request }) => vortex(request) } },
});
