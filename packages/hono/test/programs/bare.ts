import { vortexApp } from '@vortex/hono';

export default vortexApp({ apiKey: () => undefined, authenticateUser: () => null, authorizeOperation: {} });
