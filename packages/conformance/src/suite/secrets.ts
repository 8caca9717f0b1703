import { expect, test } from 'vitest';
import type { Harness } from './harness.js';

export function secrets({ servers, canary }: Harness, runtime: string): void {
  test('no secret in any reply, log line or printed error of all the above', async () => {
    for (const one of servers.values()) canary.printed((await one).printed?.() ?? '');
    expect(canary.leaks).toEqual([]);
    expect(canary.seen.replies).toBeGreaterThan(200);
    // workerd prints elsewhere; what it logs is made by the same code.
    if (runtime !== 'workerd') expect(canary.seen.lines).toBeGreaterThan(50);
  });
}
