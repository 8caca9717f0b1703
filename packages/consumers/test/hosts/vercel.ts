/**
 * Stands in for `vercel dev`, which wants an account: `node vercel.ts` starts the functions of the folder in Vercel's own
 * runtime, and sends each of them the requests that `vercel.json` rewrites to it.
 */
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const workPath = process.cwd();
const { startDevServer } = createRequire(join(workPath, 'package.json'))('@vercel/node') as {
  startDevServer(options: object): Promise<{ port: number }>;
};
const { rewrites } = JSON.parse(readFileSync('vercel.json', 'utf8')) as {
  rewrites: { source: string; destination: string }[];
};

/** The ports of the functions that have been started, by their path. */
const ports = new Map<string, Promise<number>>();

function portFor(path: string): Promise<number> {
  const rewrite = rewrites.find(({ source }) => new RegExp(`^${source}$`, 'u').test(path));
  const entrypoint = `${(rewrite?.destination ?? path).slice(1)}.ts`;
  const options = { entrypoint, workPath, repoRootPath: workPath, files: {}, config: {}, meta: { isDev: true } };
  const port = ports.get(entrypoint) ?? startDevServer(options).then((server) => server.port);
  ports.set(entrypoint, port);
  return port;
}

createServer(async (incoming, response) => {
  const { method, url = '/', headers } = incoming;
  const [path = '/'] = url.split('?');
  if (!path.startsWith('/api/')) return void response.writeHead(404).end();
  const forwardedFor = { ...headers, 'x-forwarded-host': headers.host, 'x-forwarded-proto': 'http' };
  const options = { port: await portFor(path), path: url, method, headers: forwardedFor };
  const forwarded = request(options, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
  });
  incoming.pipe(forwarded);
}).listen(process.env.PORT);
