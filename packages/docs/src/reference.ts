/** Generates the reference from the declarations of the packages, their docstrings, and the OpenAPI document. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VortexErrorCode } from '@vortex/core';
import { type Declared, Exports } from './declarations.js';
import { eventsPage } from './lists.js';
import type { Draft } from './pages.js';
import { type OpenApi, routesPage } from './routes.js';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly exports: Record<string, string | { types: string }>;
}

/** The exports of one page: those of an entry point or, for the main entry of core, those of one of its folders. */
interface Chapter {
  readonly route: string;
  readonly title: string;
  /** The module that the statements of the page import from. */
  readonly specifier: string;
  readonly introduction: string;
  readonly declared: readonly Declared[];
  readonly anchors: ReadonlyMap<Declared, string>;
}

/** Core's main entry is too long for one page. */
const wings: readonly [folder: RegExp, name: string, title: string, introduction: string][] = [
  [/\/(?:api|signing|http)\//u, 'client', 'Client and tokens', 'The client of the Vortex API, its types, and tokens.'],
  [
    /\/routes\//u,
    'routers',
    'Options, rules and operations',
    'The options that the routers of all frameworks take, and the types of rules and hooks.',
  ],
  [/\/webhooks\//u, 'webhooks', 'Webhooks', 'The options, events and stores of webhooks.'],
  [/./u, 'errors', 'Errors and logs', 'Errors, and types that several options share.'],
];

export function referencePages(): Draft[] {
  const chapters = chaptersOf();
  // The first entry that exports a declaration is its place.
  const places = new Map(
    chapters
      .flatMap(({ route, anchors }) =>
        Array.from(anchors, ([{ id }, anchor]): [unknown, string] => [id, `/${route}#${anchor}`]),
      )
      .toReversed(),
  );
  const pages = chapters.map(
    (chapter, order): Draft =>
      draft(chapter.route, order, `API of ${chapter.title}`, print(chapter, places), chapter.title),
  );
  const core = chapters.filter(({ specifier }) => specifier === '@vortex/core').flatMap(({ declared }) => declared);
  const placeOf = (name: string) => places.get(core.find((one) => one.name === name)?.id) ?? '/reference/';
  const document: OpenApi = JSON.parse(readFileSync(join(root, 'packages/core/openapi.json'), 'utf8'));
  return [
    draft('reference/index', 0, 'Reference', overview(chapters), 'Overview'),
    draft('reference/routes', 1, 'Routes', routesPage(document)),
    draft('reference/events', 3, 'Webhook events', eventsPage(core, placeOf)),
    ...pages,
  ];
}

/** The codes of failed replies. */
export function codesOf(): VortexErrorCode[] {
  const { components }: OpenApi = JSON.parse(readFileSync(join(root, 'packages/core/openapi.json'), 'utf8'));
  return components.schemas.Failure?.properties?.code?.enum as VortexErrorCode[];
}

function draft(route: string, order: number, title: string, body: string, sidebar = title): Draft {
  return { route, order, title, sidebar, body, frontmatter: 'generated: true' };
}

function chaptersOf(): Chapter[] {
  const entries = packagesOf().flatMap(({ folder, manifest }) =>
    Object.entries(manifest.exports).flatMap(([subpath, target]) => {
      if (typeof target === 'string') return [];
      return [
        { manifest, subpath, specifier: manifest.name + subpath.slice(1), file: join(root, folder, target.types) },
      ];
    }),
  );
  const exports = new Exports(new Map(entries.map(({ specifier, file }) => [specifier, file])));
  return entries.flatMap(({ manifest, subpath, specifier, file }): Chapter[] => {
    const declared = exports.of(file);
    const introduction = exports.introductionOf(file) || (subpath === '.' ? `${manifest.description}.` : '');
    const route = `reference/api/${specifier.replace('@vortex/', '')}`;
    if (specifier !== '@vortex/core')
      return [{ route, title: specifier, specifier, introduction, declared, anchors: anchorsOf(declared) }];
    const rest = new Set(declared);
    return wings.map(([pattern, name, title, sentence]) => {
      const inside = [...rest].filter((one) => pattern.test(one.file.slice(join(root, 'packages').length)));
      for (const one of inside) rest.delete(one);
      return {
        route: `${route}/${name}`,
        title: `${specifier}: ${title}`,
        specifier,
        introduction: sentence,
        declared: inside,
        anchors: anchorsOf(inside),
      };
    });
  });
}

/** The public packages, in the order in which one meets them. */
function packagesOf(): { folder: string; manifest: Manifest }[] {
  const order = ['core', 'express', 'fastify', 'hono', 'browser', 'react', 'emulator'];
  return readdirSync(join(root, 'packages'))
    .map((name) => {
      const folder = `packages/${name}`;
      return { folder, manifest: JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest };
    })
    .filter(({ manifest }) => manifest.private !== true)
    .toSorted((a, b) => rank(a.folder) - rank(b.folder));

  function rank(folder: string): number {
    const index = order.indexOf(folder.slice('packages/'.length));
    return index < 0 ? order.length : index;
  }
}

function anchorOf(name: string): string {
  return name.replace(/[^\w.-]+/gu, '-');
}

/** An exported declaration has its name as its anchor. One that is not exported may have the same name. */
function anchorsOf(declared: readonly Declared[]): Map<Declared, string> {
  const taken = new Set<string>();
  return new Map(
    declared.map((one) => {
      let anchor = anchorOf(one.name);
      while (taken.has(anchor)) anchor += '-';
      taken.add(anchor);
      return [one, anchor];
    }),
  );
}

function overview(chapters: readonly Chapter[]): string {
  const lines = [
    'Everything here is generated from the docstrings of the packages and from the OpenAPI document of the routes.',
    '',
    '- [Routes](/reference/routes): what your frontend calls, with parameters, bodies and replies.',
    '- [Error codes](/reference/errors): every code, with its status.',
    '- [Webhook events](/reference/events): every event, with its data.',
    '- [The server in detail](/reference/server/): options, hooks, webhooks, logs and deployment, by topic.',
    '',
    'Every export, by entry point:',
    '',
  ];
  for (const { route, title, anchors } of chapters) {
    const exported = [...anchors].filter(([{ isHidden }]) => !isHidden);
    const names = exported.map(([{ name }, anchor]) => `[\`${name}\`](/${route}#${anchor})`);
    lines.push(`## [${title}](/${route}) {#${anchorOf(title)}}`, '', names.join(' · '), '');
  }
  return lines.join('\n');
}

function print({ specifier, introduction, declared, anchors }: Chapter, places: ReadonlyMap<unknown, string>): string {
  const parts = [linked(introduction, places, new Map()), ''];
  const kinds: [title: string, matches: (one: Declared) => boolean][] = [
    ['Functions and classes', ({ kind }) => kind === 'function' || kind === 'class'],
    ['Values', ({ kind }) => kind === 'const'],
    ['Options', ({ kind, name }) => kind === 'interface' && /(?:Options|Config)$/u.test(name)],
    ['Types', () => true],
  ];
  const rest = new Set(declared);
  for (const [title, matches] of kinds) {
    const among = [...rest].filter(matches);
    for (const one of among) rest.delete(one);
    if (among.length > 0)
      parts.push(`## ${title}`, '', ...among.map((one) => printOne(one, anchors.get(one) ?? '', specifier, places)));
  }
  return parts.join('\n');
}

function printOne(one: Declared, anchor: string, specifier: string, places: ReadonlyMap<unknown, string>): string {
  const { name, kind, isHidden } = one;
  const lines = [`### ${name} {#${anchor}}`, ''];
  if (isHidden) lines.push('Not exported. Other types refer to it.', '');
  lines.push(doc(one.docs, one, places));
  lines.push('```ts', isHidden ? '' : `import { ${isValue(kind) ? '' : 'type '}${name} } from '${specifier}';`);
  lines.push(...(one.members.length > 0 ? [one.head] : one.signatures), '```', '');
  for (const member of one.members) {
    lines.push(`#### ${member.name} {#${anchorOf(`${anchor}.${member.name}`)}}`, '');
    lines.push('```ts', ...member.signatures, '```', '', doc(member.docs, member, places));
  }
  const seen = [...one.refers].flatMap(([id, text]) => {
    const to = id === one.id ? undefined : places.get(id);
    return to === undefined ? [] : [`[\`${text}\`](${to})`];
  });
  if (seen.length > 0) lines.push(`Refers to ${seen.join(', ')}.`, '');
  return lines.join('\n');
}

const isValue = (kind: Declared['kind']) => kind === 'function' || kind === 'class' || kind === 'const';

/** A docstring and its tags. */
function doc(
  { text, tags }: Declared['docs'],
  { links }: { readonly links: Declared['links'] },
  places: ReadonlyMap<unknown, string>,
): string {
  const lines = text ? [linked(text, places, links), ''] : [];
  const of = (name: string) => tags.filter((tag) => tag.name === name);
  for (const tag of of('deprecated')) lines.push(`**Deprecated.** ${linked(tag.text, places, links)}`, '');
  for (const tag of of('param')) lines.push(`- \`${tag.parameter}\`: ${linked(tag.text, places, links)}`);
  if (of('param').length > 0) lines.push('');
  for (const tag of of('default')) lines.push(`**Default:** ${asCode(tag.text)}`, '');
  for (const tag of of('returns')) lines.push(`**Returns** ${linked(tag.text, places, links)}`, '');
  for (const tag of of('throws')) lines.push(`**Throws** ${linked(tag.text, places, links)}`, '');
  for (const tag of of('example')) lines.push('```ts', tag.text.replace(/^```\w*\n?|\n?```$/gu, ''), '```', '');
  return lines.join('\n');
}

/** A default is code unless it is a sentence. */
function asCode(text: string): string {
  return /[`]/u.test(text) || / [a-z]+ /iu.test(text) ? escaped(text) : `\`${text}\``;
}

/** Resolves `{@link Name}`, and escapes what Vue would take for tags. */
function linked(text: string, places: ReadonlyMap<unknown, string>, links: Declared['links']): string {
  return escaped(text).replace(/\{@link ([\w.]+)[^}]*\}/gu, (_, name: string) => {
    const to = places.get(links.get(name));
    return to === undefined ? `\`${name}\`` : `[\`${name}\`](${to})`;
  });
}

function escaped(text: string): string {
  return text
    .split(/(```.*?```|`[^`]*`)/su)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;')))
    .join('');
}
