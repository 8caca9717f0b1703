/** Measures the time that an import, a router and its first answer take in a new process. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Framework, frameworks } from './cases.js';
import { API_KEY } from './data.js';
import { median } from './measure.js';

const run = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
/** The folder of core. Its dependencies are resolved from here. */
const core = fileURLToPath(new URL('../../core', import.meta.url));

export interface ColdStart {
  what: string;
  /** Milliseconds, one entry for each process. */
  times: readonly number[];
}

interface Step {
  what: string;
  /** JavaScript of a module. The variables of the steps before it are visible. */
  run: string;
}

interface Program {
  cwd: string;
  /** The time of each step is measured. */
  steps: readonly Step[];
}

const OPTIONS = `{ apiKey: '${API_KEY}', authenticateUser: () => ({ id: 1 }), authorizeOperation: { JWT: true } }`;

/** How each framework serves the routes, without them and with them. */
const serving: Record<Framework, { framework: string; empty: string; ours: string; listen: string }> = {
  express: {
    framework: "const { default: express } = await import('express')",
    empty: "const app = express(); app.post('/v/jwt', (_req, res) => res.json({}))",
    ours: `const app = express(); app.use('/v', ours.vortexRouter(${OPTIONS}))`,
    listen: 'const server = app.listen(0, "127.0.0.1"); await once(server, "listening")',
  },
  fastify: {
    framework: "const { default: fastify } = await import('fastify')",
    empty: "const app = fastify(); app.post('/v/jwt', async () => ({}))",
    ours: `const app = fastify(); app.register(ours.vortexPlugin(${OPTIONS}), { prefix: '/v' })`,
    listen: 'await app.listen({ port: 0, host: "127.0.0.1" }); const { server } = app',
  },
  hono: {
    framework: "const { Hono } = await import('hono'); const { serve } = await import('@hono/node-server')",
    empty: "const app = new Hono(); app.post('/v/jwt', (c) => c.json({}))",
    ours: `const app = new Hono(); app.route('/v', ours.vortexApp(${OPTIONS}))`,
    listen:
      'const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }); if (!server.listening) await once(server, "listening")',
  },
};

const FIRST_ANSWER = `
  await new Promise((resolve, reject) => {
    const { port } = server.address();
    const call = request({ port, host: '127.0.0.1', path: '/v/jwt', method: 'POST' }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(String(reply.statusCode)));
      reply.resume().on('end', resolve);
    });
    call.on('error', reject).end();
  })`;

function serverOf(name: Framework, isOurs: boolean): Program {
  const { framework, empty, ours, listen } = serving[name];
  const whose = isOurs ? `@vortex/${name}` : 'without it';
  return {
    cwd: here,
    steps: [
      { what: `${name}, ${whose}: import of ${name}`, run: framework },
      ...(isOurs
        ? [
            {
              what: `${name}, ${whose}: import of core and the adapter`,
              run: `await import('@vortex/core'); const ours = await import('@vortex/${name}')`,
            },
          ]
        : []),
      { what: `${name}, ${whose}: routes, until it listens`, run: `${isOurs ? ours : empty}; ${listen}` },
      { what: `${name}, ${whose}: first answer to POST /jwt`, run: FIRST_ANSWER },
    ],
  };
}

/** Repeats all programs, one after the other. */
export async function coldStarts(node: string, processes: number): Promise<ColdStart[]> {
  const alone = ['zod/mini', 'undici'].map((module) => ({
    cwd: core,
    steps: [{ what: `${module} alone`, run: `await import('${module}')` }],
  }));
  const packages = ['@vortex/core', '@vortex/core/adapter', '@vortex/core/redis', '@vortex/core/sql'].map((module) => ({
    cwd: here,
    steps: [{ what: `${module} alone`, run: `await import('${module}')` }],
  }));
  const servers = frameworks.flatMap((name) => [serverOf(name, false), serverOf(name, true)]);
  const programs: Program[] = [...servers, ...packages, ...alone];
  const times = programs.map(({ steps }) => steps.map((): number[] => []));
  for (let count = 0; count < processes; count += 1) {
    for (const [index, program] of programs.entries()) {
      for (const [step, took] of (await timesOf(node, program)).entries()) times[index]?.[step]?.push(took);
    }
  }
  return programs.flatMap(({ steps }, index) =>
    steps.map(({ what }, step) => ({ what, times: times[index]?.[step] ?? [] })),
  );
}

async function timesOf(node: string, { cwd, steps }: Program): Promise<number[]> {
  const program = `
    import { once } from 'node:events';
    import { request } from 'node:http';
    const times = [];
    let start = performance.now();
    const lap = () => {
      const now = performance.now();
      times.push(now - start);
      start = now;
    };
    ${steps.map((step) => `${step.run};\nlap();`).join('\n')}
    console.log(JSON.stringify(times));
    process.exit();
  `;
  const { stdout } = await run(node, ['--input-type=module', '-e', program], { cwd });
  return JSON.parse(stdout) as number[];
}

export function table(starts: readonly ColdStart[]): string {
  const rows = starts.map(({ what, times }) => {
    const sorted = times.toSorted((a, b) => a - b);
    return `| ${what} | ${median(times).toFixed(0)} | ${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)} |`;
  });
  return ['|  | median, ms | range |', '| --- | --- | --- |', ...rows].join('\n');
}
