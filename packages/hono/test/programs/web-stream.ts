import { runProgram } from '@vortex/conformance/program';
import { Hono } from 'hono';
import { createApp } from './app.ts';
import { listen } from './listen.ts';

/** On Node, with middleware that has created the Web stream of each body. */
await runProgram((settings) => {
  const app = new Hono().use(async (c, next) => {
    void c.req.raw.body;
    await next();
  });
  return listen(app.route('/', createApp(settings)));
});
