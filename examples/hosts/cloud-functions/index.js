import { http } from '@google-cloud/functions-framework';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express from 'express';
import { authorizeOperation, findUser, on } from '../your-app.js';

const app = express();

const vortex = vortexRouter({
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (req) => findUser(req.get('x-user')), // stands in for your session
  authorizeOperation,
});
app.use('/api/vortex', vortex);
app.post('/webhooks/vortex', vortexWebhook({ secret: process.env.VORTEX_WEBHOOK_SECRET, on }));

http('app', app);
