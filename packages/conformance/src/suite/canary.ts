import { inspect } from 'node:util';
import { vi } from 'vitest';
import { signingKeyOf } from './data.js';

/** Looks for secrets in replies, in the log of this process, and in the output of programs. */
export function watchFor(apiKey: string, webhookSecret: string) {
  const { secret, signingKey } = signingKeyOf(apiKey);
  const secrets = [
    webhookSecret,
    secret,
    signingKey.toString('hex'),
    signingKey.toString('base64'),
    signingKey.toString('base64url'),
  ];

  const seen = { replies: 0, lines: 0 };
  const leaks: string[] = [];
  const look = (text: string) => {
    if (secrets.some((one) => text.includes(one))) leaks.push(text.slice(0, 500));
  };
  for (const level of ['log', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((...line) => {
      seen.lines += 1;
      look(
        line
          .map((part) => (typeof part === 'string' ? part : inspect(part, { depth: 12, showHidden: true })))
          .join(' '),
      );
    });
  }
  return {
    seen,
    leaks,
    reply: (head: object, text: string) => {
      seen.replies += 1;
      look(JSON.stringify(head) + text);
    },
    printed: (text: string) => {
      seen.lines += text.split('\n').length - 1;
      look(text);
    },
  };
}
