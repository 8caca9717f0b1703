import { getRequestListener } from '@hono/node-server';
import Router from '@koa/router';
import { vortexHandler, vortexWebhookHandler } from '@vortex/hono';
import Koa from 'koa';
import { authorizeOperation, findUser, on } from '../your-app.js';

const app = new Koa();
const router = new Router();

const hooks = { authenticateUser: (c) => findUser(c.req.header('x-user')), authorizeOperation }; // stands in for your session
const vortex = vortexHandler({ basePath: '/api/vortex', apiKey: process.env.VORTEX_API_KEY, ...hooks });
const webhook = vortexWebhookHandler({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });
const [vortexListener, webhookListener] = [getRequestListener(vortex), getRequestListener(webhook)];
router.all('/api/vortex/{*path}', (ctx) => vortexListener(ctx.req, ctx.res));
router.post('/webhooks/vortex', (ctx) => webhookListener(ctx.req, ctx.res));

app.use(router.routes());
app.listen(process.env.PORT ?? 3000);
