import { runProgram } from '@vortex/conformance/program';
import { createApp } from './app.ts';

declare const Bun: {
  serve(options: { port: number; hostname: string; fetch: (request: Request) => Response | Promise<Response> }): {
    url: URL;
  };
};

await runProgram(async (settings) => {
  const { fetch } = createApp(settings);
  const { url } = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => fetch(request) });
  return { url: url.origin };
});
