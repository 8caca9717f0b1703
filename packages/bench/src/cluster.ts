/** Runs a server as the two workers of a cluster, which share its port. Answers as one server, with their CPU time together. */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Measured } from './server.js';

cluster.setupPrimary({ exec: fileURLToPath(new URL('server.js', import.meta.url)), args: process.argv.slice(2) });
const workers = [cluster.fork(), cluster.fork()];
const answers = () => Promise.all(workers.map(answerOf));

const [first] = (await answers()) as { port: number }[];
process.on('message', async (message: string) => {
  const answered = answers();
  for (const worker of workers) worker.send(message);
  process.send?.(message === 'end' ? together((await answered) as Measured[]) : (await answered)[0]);
});
process.once('disconnect', () => process.exit());
process.send?.(first);

async function answerOf(worker: Worker): Promise<unknown> {
  const [message] = await once(worker, 'message');
  return message;
}

function together(measured: readonly Measured[]): Measured {
  return {
    cpu: measured.reduce((sum, { cpu }) => sum + cpu, 0),
    late: Math.max(...measured.map(({ late }) => late)),
    peak: Math.max(...measured.map(({ peak }) => peak)),
  };
}
