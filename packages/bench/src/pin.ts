/** Pins the benchmark to one core, so that no contender pays for waking another core. See the README. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * Pins this process to the last core, and sets a scheduling policy without preemption. Processes that it starts later
 * inherit both.
 *
 * @returns whether it succeeded, which requires Linux with `taskset` and `chrt`
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
