import { defineEnvVars } from '@sveltejs/kit/env';

/** Absent while the application is built. */
const secret = { schema: (value: string | undefined) => value };

export const variables = defineEnvVars({ VORTEX_API_KEY: secret, VORTEX_WEBHOOK_SECRET: secret });
