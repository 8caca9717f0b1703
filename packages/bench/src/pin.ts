/** All on one core, so that nobody is charged for waking another one: see the README. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * Keeps this process, and those it starts from now on, on the last core, and from interrupting each other.
 *
 * @returns whether that could be done, which takes Linux
 */
export function pin(): boolean {
  try {
    const options = { stdio: 'ignore' } as const;
    execFileSync('taskset', ['-acp', String(availableParallelism() - 1), String(process.pid)], options);
    execFileSync('chrt', ['-abp', '0', String(process.pid)], options);
    return true;
  } catch {
    return false;
  }
}
