import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServerSettings } from '../application.js';
import type { Server } from '../server.js';

const { resolve } = createRequire(import.meta.url);
const binary = (name: string, path: string) => join(dirname(resolve(`${name}/package.json`)), path);

/** Commands of the runtimes that are installed as npm packages. The file of a program follows. */
export const runtimes = {
  'Node 22': [binary('node22', 'bin/node'), '--no-warnings'],
  'Node 24': [binary('node24', 'bin/node')],
  Bun: [binary('bun', 'bin/bun.exe'), 'run'],
  // The `bin.cjs` of the package would keep running after its child has exited.
  Deno: [binary('deno', 'deno'), 'run', '--allow-all', '--no-lock', '--node-modules-dir=manual'],
} as const;

/** The Node that runs the tests. */
export const thisNode = `Node ${process.versions.node.split('.')[0]}`;

/** The other Node versions, so that no case runs twice on the same version. */
export const otherNodes = (['Node 22', 'Node 24'] as const).filter((name) => name !== thisNode);

export interface Program extends Server {
  process: ChildProcess;
}

/** Starts a program made with `runProgram`. Its file is TypeScript, which Node runs from 22 on. */
export function startProgram(runtime: keyof typeof runtimes, file: string) {
  return async (settings: ServerSettings): Promise<Program> => {
    const [command, ...args] = runtimes[runtime];
    const program = spawn(command, [...args, file], {
      env: { ...process.env, CONFORMANCE_SETTINGS: JSON.stringify(settings) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    const keep = (chunk: Buffer) => {
      printed += chunk;
    };
    program.stdout.on('data', keep);
    program.stderr.on('data', keep);
    const url = await new Promise<string>((found, reject) => {
      createInterface(program.stdout).on('line', (line) => {
        const match = /^listening on (\S+)$/u.exec(line);
        if (match?.[1]) found(match[1].replace(/\/$/u, ''));
      });
      program.once('exit', (code) => reject(new Error(`${runtime} exited with ${code}: ${printed.slice(-5000)}`)));
    });
    return {
      url,
      process: program,
      printed: () => printed,
      close: async () => {
        if (program.exitCode !== null || program.signalCode !== null) return;
        program.kill();
        await once(program, 'exit');
      },
    };
  };
}

/** Runs a command with a free port in `PORT`, and waits until a server answers there. */
export async function startCommand(
  command: string,
  args: (port: string) => readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<Server> {
  const port = await freePort();
  const program = spawn(command, args(port), {
    cwd,
    env: { ...process.env, ...env, PORT: port },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(url).catch(() => undefined))) {
    if (program.exitCode !== null) throw new Error(`${command} exited with ${program.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    close: async () => {
      program.kill();
      if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
    },
  };
}

/** A port of loopback that nothing listens on. */
export async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}
