/** The pages of the error codes and of the webhook events. */
import { ANALYTICS_EVENT_NAMES, VortexError, type VortexErrorCode, WEBHOOK_EVENT_TYPES } from '@vortex/core';
import type { Declared } from './declarations.js';

/** Turns the table of codes in a page into a heading for each code, so that a search for a code finds it. */
export function withCodesAsHeadings(page: string, codes: readonly VortexErrorCode[]): string {
  const rows = new Map(
    Array.from(
      page.matchAll(/^\| `([A-Z_]+)` *\| (\d{3}) *\| (.*?) *\|$/gmu),
      ([, code = '', status = '', text = '']) => [code, { status, text }],
    ),
  );
  const parts = codes.map((code) => {
    const row = rows.get(code);
    if (!row) throw new Error(`The table of errors in the README of @vortex/core lacks ${code}.`);
    const { status, message } = new VortexError(code);
    return `### \`${code}\`\n\n${row.text}.\n\nStatus ${status}. Default sentence for the user: “${message}”\n`;
  });
  const table = /^\| Code .*\n(?:\|.*\n)+/mu;
  if (!table.test(page)) throw new Error('The README of @vortex/core has no table of codes.');
  return page.replace(table, () => `## Every code\n\n${parts.join('\n')}`);
}

/** @param declared the exports of `@vortex/core` */
export function eventsPage(declared: readonly Declared[], placeOf: (name: string) => string): string {
  const data = declared.find(({ name }) => name === 'EventData')?.signatures.join('') ?? '';
  const typeOf = (event: string) => new RegExp(`'${event.replaceAll('.', '\\.')}': (\\w+);`, 'u').exec(data)?.[1];
  const rows = WEBHOOK_EVENT_TYPES.map((event) => {
    const type = typeOf(event);
    if (type === undefined) throw new Error(`The type of the data of ${event} is not found.`);
    return `| \`${event}\` | [\`${type}\`](${placeOf(type)}) |`;
  });
  return [
    'The events that Vortex sends to your webhook. Handle them by name in `on`; `onEvent` gets every event.',
    '',
    '| Event | `data` |',
    '| --- | --- |',
    ...rows,
    '',
    '## Analytics events',
    '',
    '`onAnalyticsEvent` gets them. They are not events of the table above, and have no `type`: they have a `name`.',
    '',
    ...ANALYTICS_EVENT_NAMES.map((name) => `- \`${name}\``),
    '',
    `Their fields are those of [\`AnalyticsEvent\`](${placeOf('AnalyticsEvent')}).`,
  ].join('\n');
}
