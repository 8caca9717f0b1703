/** Starts and stops the server processes and the upstream. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runtimes } from '@vortex/conformance';
import type { Contender, Framework } from './cases.js';
import type { Measured } from './server.js';

/**
 * Returns the path of a Node executable.
 *
 * @param version the major version: the current one, 22 or 24
 */
export function execPath(version: string): string {
  if (version === process.versions.node.split('.')[0]) return process.execPath;
  if (version === '22') return runtimes['Node 22'][0];
  if (version === '24') return runtimes['Node 24'][0];
  throw new Error(`--node ${version} is not available. Use 22, 24 or ${process.versions.node.split('.')[0]}.`);
}

export interface Program {
  port: number;
  begin(): Promise<void>;
  end(): Promise<Measured>;
  /** Waits until the open connections have received so many bytes, and returns the memory in use. The program needs `--expose-gc`. */
  memory(received: number): Promise<number>;
  stop(): Promise<void>;
}

export async function startServer(
  node: string,
  framework: Framework,
  contender: Contender,
  upstream: number,
): Promise<Program> {
  const url = `http://127.0.0.1:${upstream}`;
  return startProgram(node, 'server.js', [framework, contender, url], { VORTEX_API_BASE_URL: url });
}

/** Starts a program that answers the messages of `server.ts`. */
export async function startProgram(
  node: string,
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Program> {
  const child = run(node, file, args, env);
  const { port } = (await answer(child)) as { port: number };
  const ask = (question: string) => {
    child.send(question);
    return answer(child);
  };
  return {
    port,
    begin: async () => void (await ask('begin')),
    end: async () => (await ask('end')) as Measured,
    memory: async (received) => (await ask(`memory ${received}`)) as number,
    stop: () => stop(child),
  };
}

export async function startUpstream(node: string): Promise<{ port: number; stop(): Promise<void> }> {
  const child = run(node, 'upstream.js', [], {});
  const { port } = (await answer(child)) as { port: number };
  return { port, stop: () => stop(child) };
}

function run(execPath: string, file: string, args: string[], env: Record<string, string>): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const execArgv = ['--expose-gc', ...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [])];
  return fork(path, args, { execPath, execArgv, env: { ...process.env, ...env, NODE_ENV: 'production' } });
}

async function answer(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const { signal } = ended;
  const exit = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`A server process exited with ${code}.`);
  });
  exit.catch(() => {});
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), exit])) as [unknown];
    return message;
  } finally {
    ended.abort();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.disconnect();
  await once(child, 'exit');
}
