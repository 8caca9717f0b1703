import { expect, test } from 'vitest';
import type { Group } from './group.js';

export const secrets: Group = {
  of: 'seam',
  title: 'secrets',
  define({ runtime, servers, canary }) {
    test('no reply and no log line of the suite holds a secret', async () => {
      for (const one of servers.values()) canary.printed((await one).printed?.() ?? '');
      expect(canary.leaks).toEqual([]);
      expect(canary.seen.replies).toBeGreaterThan(200);
      // The output of workerd is not captured. The code that logs there is the same as elsewhere.
      if (runtime !== 'workerd') expect(canary.seen.lines).toBeGreaterThan(30);
    });
  },
};
