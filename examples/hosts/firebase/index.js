import { vortexRouter, vortexWebhook } from '@vortex/express';
import express from 'express';
import { onRequest } from 'firebase-functions/https';
import { authorizeOperation, findUser, on } from '../your-app.js';

const app = express();

const vortex = vortexRouter({
  apiKey: () => process.env.VORTEX_API_KEY, // a function: Firebase loads this file without secrets to deploy it
  authenticateUser: (req) => findUser(req.get('x-user')), // stands in for your session
  authorizeOperation,
});
app.use('/api/vortex', vortex);
app.post('/webhooks/vortex', vortexWebhook({ secret: () => process.env.VORTEX_WEBHOOK_SECRET, on }));

export const web = onRequest({ secrets: ['VORTEX_API_KEY', 'VORTEX_WEBHOOK_SECRET'] }, app);
