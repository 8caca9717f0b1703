import { type RouteConfig, route } from '@react-router/dev/routes';

export default [
  route('api/vortex/*', 'routes/vortex.ts'),
  route('webhooks/vortex', 'routes/vortex-webhook.ts'),
] satisfies RouteConfig;
