/** The command `doctor`: reads its flags, prints each finding, and returns the exit code. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { OPERATION_NAMES, type OperationName, WEBHOOK_EVENT_TYPES, type WebhookEventType } from '@vortex/core';
import { examine } from './doctor.js';
import type { DoctorOptions, Finding } from './doctor-findings.js';
import { DEFAULT_API_KEY, DEFAULT_WEBHOOK_SECRET } from './options.js';
import { printable } from './terminal.js';
import { type Flag, linesOfFlags, refusedFlag, UsageError } from './usage.js';

const FLAGS = {
  webhook: { type: 'string', value: 'url', about: 'URL of the webhook (default: webhooks are not checked)' },
  cookie: { type: 'string', value: 'text', about: 'cookie that signs a caller in' },
  header: {
    type: 'string',
    multiple: true,
    value: 'name: value',
    about: 'header that signs a caller in; may be repeated',
  },
  scope: { type: 'string', value: 'type:id', about: 'scope of that caller, for the operations on a scope' },
  'scope-name': {
    type: 'string',
    value: 'text',
    about: 'name of that scope, if the rule for CREATE_INVITATION compares it',
  },
  metadata: {
    type: 'string',
    multiple: true,
    value: 'name=value',
    about: 'metadata that the rule for CREATE_INVITATION asks for; may be repeated',
  },
  denied: {
    type: 'string',
    value: 'operations',
    about: 'operations that are denied on purpose, separated by commas',
  },
  watch: {
    type: 'string',
    value: 'url',
    about: 'URL that shows the effect of an event, to see whether a duplicate is handled once',
  },
  event: {
    type: 'string',
    value: 'type',
    about: 'type of the event to post (default: invitation.email.opened)',
  },
  invitee: {
    type: 'string',
    value: 'address',
    about: 'e-mail address that the event is about (default: vortex-doctor@example.com)',
  },
  emulator: {
    type: 'string',
    value: 'url',
    about: 'emulator that the application uses (default: VORTEX_API_BASE_URL, otherwise http://127.0.0.1:8787)',
  },
  'api-key': {
    type: 'string',
    value: 'key',
    about: 'API key of the application (default: VORTEX_API_KEY, otherwise the key of the emulator)',
  },
  'webhook-secret': {
    type: 'string',
    value: 'text',
    about: 'webhook secret of the application (default: VORTEX_WEBHOOK_SECRET, otherwise that of the emulator)',
  },
  help: { type: 'boolean', about: 'show this help' },
} as const satisfies Record<string, Flag>;

const DOCTOR_HELP = `Checks a running application, and says what is wrong and what to do.

Usage: vortex-emulator doctor <mount url> [options]

  <mount url>              URL that the routes are mounted at, such as http://localhost:3000/api/vortex
${linesOfFlags(FLAGS)}

It makes invitations in the emulator and revokes them, and posts one event about one of them. The emulator posts its own webhooks
about them, to its --webhook-url. With --event group.member.added, the application adds the invitee if its handler finds the
account and the scope. Apart from these it changes nothing. If --emulator is not an emulator, it makes no invitation and posts
no signed event.
Exits with 0 if nothing is wrong, with 1 if something is, and with 2 for an invalid flag.
`;

const LABELS = { right: 'right  ', wrong: 'WRONG  ', unknown: 'unknown' };

/** Prints the findings, and returns the exit code. */
export async function runDoctor(args: string[]): Promise<number> {
  const options = readFlags(args);
  if (!options) {
    console.log(DOCTOR_HELP);
    return 0;
  }
  console.log(`Checks ${options.mount} with the emulator at ${options.emulator}.
The doctor makes invitations in the emulator alone, and revokes them. The emulator posts its own webhooks about them, to its
--webhook-url.${options.webhook ? ` The doctor posts one event, ${options.event}, to ${options.webhook}:\nwhat the application makes of it, such as a new member, stays.` : ''} It changes nothing otherwise.
`);
  const counts = { right: 0, wrong: 0, unknown: 0 };
  for await (const finding of examine(options)) {
    counts[finding.verdict] += 1;
    console.log(lineOf(finding, process.stdout.columns));
  }
  console.log(`\n${counts.right} right, ${counts.wrong} wrong, ${counts.unknown} unknown.`);
  return counts.wrong > 0 ? 1 : 0;
}

const INDENT = 9;

/**
 * A finding and its advice, wrapped between words at the width of the terminal, and indented behind the verdict.
 *
 * @param columns 0 if the width is not known, as some terminals report
 */
export function lineOf({ verdict, text, advice }: Finding, columns = 0): string {
  const lines = [text, advice ?? ''].flatMap((paragraph) =>
    wrap(paragraph, (columns || Number.POSITIVE_INFINITY) - INDENT),
  );
  return `${LABELS[verdict]}  ${lines.join(`\n${' '.repeat(INDENT)}`)}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && line.length <= width) lines[lines.length - 1] = line;
    else if (word !== '') lines.push(word);
  }
  return lines.map(printable);
}

function readFlags(args: string[]): DoctorOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [mount, ...more] = positionals;
  if (mount === undefined || more.length > 0) {
    throw new UsageError('doctor needs the URL of the mount, and nothing after it but flags; see doctor --help.');
  }
  return {
    mount: baseUrl('the URL of the mount', mount),
    webhook: values.webhook && httpUrl('--webhook', values.webhook),
    credentials: readCredentials(values.cookie, values.header),
    apiKey: values['api-key'] ?? (process.env.VORTEX_API_KEY || DEFAULT_API_KEY),
    webhookSecret: values['webhook-secret'] ?? (process.env.VORTEX_WEBHOOK_SECRET || DEFAULT_WEBHOOK_SECRET),
    emulator: baseUrl('--emulator', values.emulator ?? (process.env.VORTEX_API_BASE_URL || 'http://127.0.0.1:8787')),
    scope: readScope(values.scope, values['scope-name']),
    scopeName: values['scope-name'],
    denied: readOperations(values.denied),
    metadata: values.metadata && readMetadata(values.metadata),
    invitee: readAddress(values.invitee),
    watch: values.watch && httpUrl('--watch', values.watch),
    event: readEvent(values.event),
    manifest: readManifest(),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: FLAGS });
  } catch (error) {
    throw refusedFlag(error, 'doctor --help');
  }
}

/** A URL that paths are added to. */
function baseUrl(name: string, text: string): string {
  return httpUrl(name, text).replace(/\/+$/u, '');
}

function httpUrl(name: string, text: string): string {
  if (URL.canParse(text) && /^https?:$/u.test(new URL(text).protocol)) return text;
  throw new UsageError(`${name} must be an absolute http or https URL, not "${text}".`);
}

function readCredentials(cookie: string | undefined, headers: string[] = []): Record<string, string> {
  const credentials: Record<string, string> = cookie === undefined ? {} : { cookie };
  for (const header of headers) {
    const [, name, value] = /^([\w-]+):\s*(.+)$/u.exec(header) ?? [];
    if (!name || !value) throw new UsageError(`--header must be "name: value", not "${header}".`);
    credentials[name.toLowerCase()] = value;
  }
  return credentials;
}

function readScope(text: string | undefined, name: string | undefined): DoctorOptions['scope'] {
  if (name?.trim() === '') throw new UsageError('--scope-name must not be empty.');
  if (text === undefined) {
    if (name !== undefined) throw new UsageError('--scope-name needs the scope that it names: add --scope "type:id".');
    return undefined;
  }
  const [, scopeType, scope] = /^([^:]+):(.+)$/u.exec(text) ?? [];
  if (!scopeType || !scope) throw new UsageError(`--scope must be "type:id", not "${text}".`);
  // With the name given, the colon belongs to the id.
  if (scope.includes(':') && name === undefined) {
    throw new UsageError(
      `--scope must be "type:id", and "${text}" has a second colon. Give the name of the scope with --scope-name. If the colon belongs to the id, add --scope-name too.`,
    );
  }
  return { scopeType, scope };
}

function readOperations(text = ''): OperationName[] {
  return text.split(',').flatMap((each) => {
    const name = each.trim();
    if (name === '') return [];
    const known = OPERATION_NAMES.find((operation) => operation === name);
    if (!known) throw new UsageError(`--denied takes the operations ${OPERATION_NAMES.join(', ')}, not "${name}".`);
    return [known];
  });
}

function readMetadata(texts: string[]): Record<string, string> {
  const entries = texts.map((text) => {
    const [, name, value] = /^([^=]+)=(.*)$/u.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`--metadata must be "name=value", not "${text}".`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

function readAddress(text: string | undefined): string | undefined {
  if (text === undefined || /^[^@\s]+@[^@\s]+$/u.test(text)) return text;
  throw new UsageError(`--invitee must be an e-mail address, not "${text}".`);
}

function readEvent(text = 'invitation.email.opened'): WebhookEventType {
  const known = WEBHOOK_EVENT_TYPES.find((type) => type === text);
  if (known) return known;
  throw new UsageError(`--event takes ${WEBHOOK_EVENT_TYPES.join(', ')}, not "${text}".`);
}

function readManifest(): string | undefined {
  try {
    return readFileSync('package.json', 'utf8');
  } catch {
    return undefined;
  }
}
