import { runProgram } from '@vortex/conformance/program';
import { createApp } from './app.ts';

declare const Deno: {
  serve(
    options: { port: number; hostname: string; onListen(address: { port: number }): void },
    handler: (request: Request) => Response | Promise<Response>,
  ): void;
};

await runProgram((settings) => {
  const { fetch } = createApp(settings);
  return new Promise((resolve) => {
    const onListen = ({ port }: { port: number }) => resolve({ url: `http://127.0.0.1:${port}` });
    Deno.serve({ port: 0, hostname: '127.0.0.1', onListen }, (request) => fetch(request));
  });
});
