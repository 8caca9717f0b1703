/** Builds the pages of the site from the Markdown of the repository, with links that lead to pages of the site. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, posix, relative } from 'node:path';
import { type Placement, pictures, placements } from './contents.js';
import { home } from './home.js';
import { withCodesAsHeadings } from './lists.js';
import { CODE, headingsOf, linksOf, plain } from './markdown.js';
import { codesOf, referencePages, root } from './reference.js';

const own = 'packages/docs';

export interface Page {
  /** Path below the site without its extension, such as `hosts/express` or `hosts/index`. */
  readonly route: string;
  readonly title: string;
  readonly sidebar: string;
  /** Place among the pages of its folder. Equal ones are sorted by the sidebar's text. */
  readonly order: number;
  /** Markdown whose links are absolute paths of the site. */
  readonly body: string;
  /** The lines of a page's own front matter. */
  readonly frontmatter: string;
}

/** A page whose links are still those of the file that it comes from. */
export interface Draft extends Omit<Page, 'body' | 'title' | 'sidebar'> {
  readonly body: string;
  readonly title?: string | undefined;
  readonly sidebar?: string | undefined;
  /** Path of its file from the root of the repository. Generated pages have none: their links are absolute. */
  readonly from?: string | undefined;
}

export interface Site {
  readonly pages: readonly Page[];
  /** Files that pages show, such as pictures: paths from the root of the repository. */
  readonly assets: ReadonlySet<string>;
}

export function readSite(): Site {
  const drafts = [home, ...ownPages(), ...placements.flatMap(place), ...referencePages()].map((draft) =>
    draft.route === 'reference/errors' ? { ...draft, body: withCodesAsHeadings(draft.body, codesOf()) } : draft,
  );
  const links = new Links(drafts);
  const pages = drafts.map((draft) => links.finish(draft));
  // Pages of sources may link to further sources.
  for (let draft = links.nextSource(); draft; draft = links.nextSource()) pages.push(links.finish(draft));
  return { pages, assets: links.assets };
}

/** The pages that are written in this package. `order: 2` in the front matter gives a page its place in the sidebar. */
function ownPages(): Draft[] {
  return filesBelow(own)
    .filter((path) => path.endsWith('.md') && path.slice(own.length + 1).includes('/'))
    .map((from) => {
      const source = read(from);
      const [head = '', frontmatter = ''] = /^---\n(.*?)\n---\n/su.exec(source) ?? [];
      const [, order = 100] = /^order: *(\d+)$/mu.exec(frontmatter) ?? [];
      const route = from.slice(own.length + 1, -'.md'.length);
      return { route, from, order: Number(order), frontmatter: '', body: source.slice(head.length) };
    });
}

/** Cuts a page of the repository into pages of the site. */
function place({ from, to, sidebar, parts = [], each, keep = [] }: Placement, index: number): Draft[] {
  const text = read(from);
  const headings = headingsOf(text);
  const second = headings.filter(({ level }) => level === 2);
  const sections = new Map(
    second.map(({ anchor, start }, at) => [anchor, text.slice(start, second[at + 1]?.start ?? text.length)]),
  );
  const take = (anchor: string): string => {
    const section = sections.get(anchor);
    if (section === undefined)
      throw new Error(`${from} has no section #${anchor}. Change packages/docs/src/contents.ts.`);
    sections.delete(anchor);
    return section;
  };
  const base = { from, frontmatter: '' };
  // After the pages of this package in the same folder.
  const order = 1000 + index * 100;
  const cut: Draft[] = parts.map((part, at) => {
    const body = part.sections.map(take).join('');
    const single = part.sections.length === 1;
    return {
      ...base,
      route: part.to,
      order: order + at + 1,
      title: part.title,
      sidebar: part.sidebar,
      body: single ? promote(body) : body,
    };
  });
  const kept = keep.map(take).join('');
  if (each !== undefined)
    for (const anchor of [...sections.keys()]) {
      cut.push({ ...base, route: `${each}/${anchor}`, order: order + cut.length + 1, body: promote(take(anchor)) });
    }
  const introduction = text.slice(0, second[0]?.start);
  return [{ ...base, route: to, order, sidebar, body: introduction + [...sections.values()].join('') + kept }, ...cut];
}

/** Raises all headings by one level. */
function promote(text: string): string {
  return outsideCode(text, (prose) => prose.replace(/^#(#{1,5} )/gmu, '$1'));
}

/** Turns the links of pages into links of the site. */
class Links {
  readonly assets = new Set<string>();
  /** For each file, the page and the anchor of each of its headings. The empty anchor is the beginning of the file. */
  readonly #places = new Map<string, Map<string, string>>();
  readonly #routes = new Set<string>();
  readonly #sources: Draft[] = [];

  constructor(drafts: readonly Draft[]) {
    for (const draft of drafts) this.#add(draft);
    this.#places.set('README.md', new Map([['', '/']]));
  }

  nextSource(): Draft | undefined {
    return this.#sources.shift();
  }

  #add({ route, from, body }: Draft): void {
    if (this.#routes.has(route)) throw new Error(`Two pages have the path ${route}.`);
    this.#routes.add(route);
    if (from === undefined) return;
    const places = this.#places.get(from) ?? new Map<string, string>();
    this.#places.set(from, places);
    const path = pathOf(route);
    if (!places.has('')) places.set('', path);
    for (const { level, anchor } of headingsOf(body)) places.set(anchor, level === 1 ? path : `${path}#${anchor}`);
  }

  finish(draft: Draft): Page {
    const { route, frontmatter, order, from } = draft;
    const code = from === undefined ? draft.body : inlined(draft.body, posix.dirname(from));
    const headings = headingsOf(code);
    const [first] = headings;
    const title = plain(draft.title ?? (first?.level === 1 ? first.text : basename(route)));
    const heading = first?.level === 1 || route === 'index' ? '' : `# ${title}\n\n`;
    const linked = from === undefined ? code : this.#relinked(code, from);
    const body = this.#withPictures(route, heading + withoutComments(withAnchors(linked)));
    return { route, title, sidebar: draft.sidebar ?? title, order, frontmatter, body };
  }

  /** Adds the pictures of a page below its first paragraph, each in both themes. */
  #withPictures(route: string, body: string): string {
    const shown = (pictures[route] ?? []).flatMap(({ name, alt }) =>
      ['light', 'dark'].map((theme) => this.#picture(`${own}/pictures/${name}-${theme}.png`, alt)),
    );
    if (shown.length === 0) return body;
    return body.replace(/^# .*\n\n(?:.+\n)+/u, (start) => `${start}\n${shown.join('\n\n')}\n`);
  }

  #relinked(text: string, from: string): string {
    let result = text;
    for (const { index, target } of linksOf(text).toReversed()) {
      if (/^(?:[a-z]+:|\/)/u.test(target)) continue;
      const [file = '', anchor = ''] = target.split('#');
      const path = file === '' ? from : posix.join(posix.dirname(from), decodeURI(file));
      const opening = text.lastIndexOf('[', index);
      if (text[opening - 1] === '!') {
        const alt = text.slice(opening + 1, index - 2);
        result = result.slice(0, opening - 1) + this.#picture(path, alt) + result.slice(index + target.length + 1);
      } else result = result.slice(0, index) + this.#target(path, anchor) + result.slice(index + target.length);
    }
    return result;
  }

  #picture(path: string, alt: string): string {
    // A diagram becomes part of the page, so that it has the colours of the theme.
    if (path.startsWith(own) && path.endsWith('.svg')) return `\n${inlineSvg(read(path), alt)}\n`;
    this.assets.add(path);
    return `![${alt}](/files/${path})`;
  }

  #target(path: string, anchor: string): string {
    const file = [path.replace(/\/$/u, ''), posix.join(path, 'README.md')].find((one) => this.#places.has(one));
    if (file === undefined) return this.#source(path);
    const places = this.#places.get(file) as Map<string, string>;
    return places.get(anchor) ?? (places.get('') as string);
  }

  /** Adds a page that shows a file of the repository, or the files in a folder. */
  #source(path: string): string {
    const clean = path.replace(/\/$/u, '');
    const name = `source/${clean.replaceAll('.', '-')}`;
    if (!this.#routes.has(name)) {
      const isPage = clean.endsWith('.md');
      const files = statSync(join(root, clean)).isDirectory() ? filesBelow(clean) : [clean];
      const shown = files.filter((file) => languages[extname(file)] !== undefined);
      const listed = shown.map((file) => `## ${relative(clean, file) || basename(file)}\n\n${fenced(file)}`);
      const draft: Draft = {
        route: name,
        order: 0,
        frontmatter: 'search: false\naside: false',
        from: isPage ? clean : undefined,
        title: isPage ? undefined : clean,
        body: isPage ? read(clean) : listed.join('\n'),
      };
      this.#add(draft);
      this.#sources.push(draft);
    }
    return pathOf(name);
  }
}

/** The path of a page in the browser. */
export function pathOf(route: string): string {
  return `/${route.replace(/(?<=^|\/)index$/u, '')}`;
}

const languages: Record<string, string | undefined> = {
  '.js': 'js',
  '.ts': 'ts',
  '.tsx': 'tsx',
  '.svelte': 'svelte',
  '.vue': 'vue',
  '.astro': 'astro',
  '.json': 'json',
  '.jsonc': 'jsonc',
  '.css': 'css',
  '.html': 'html',
  '.sql': 'sql',
  '.toml': 'toml',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.example': 'sh',
};

function fenced(path: string, title = ''): string {
  return `\`\`\`\`${languages[extname(path)] ?? 'txt'}${title}\n${read(path).trimEnd()}\n\`\`\`\`\n`;
}

/** Puts the code of `<<< path#region [title]` into the page. */
function inlined(text: string, folder: string): string {
  return text.replace(
    /^<<< (?<file>[^\s#[{]+)(?:#(?<region>[\w-]+))?(?: *(?<title>\[[^\]]+\]))?$/gmu,
    (_, file: string, region?: string, title?: string) => {
      const path = posix.join(folder, file);
      if (!existsSync(join(root, path))) throw new Error(`${folder}: there is no ${path}, which <<< names.`);
      const source = region === undefined ? read(path) : regionOf(read(path), region, path);
      const shown = source.replace(/^.*\/\/ #(?:end)?region\b.*\n/gmu, '').trimEnd();
      return `\`\`\`${languages[extname(path)] ?? 'txt'}${title ? ` ${title}` : ''}\n${shown}\n\`\`\``;
    },
  );
}

function regionOf(source: string, region: string, path: string): string {
  const [, inside] = new RegExp(`// #region ${region}\\n(.*?)^\\s*// #endregion`, 'msu').exec(source) ?? [];
  if (inside === undefined) throw new Error(`${path} has no region ${region}.`);
  const indent = Math.min(...inside.split('\n').flatMap((line) => (line.trim() ? [line.search(/\S/u)] : [])));
  return inside.replaceAll(new RegExp(`^ {${indent}}`, 'gmu'), '');
}

/** Gives each heading the anchor that GitHub gives it. */
function withAnchors(text: string): string {
  let result = text;
  for (const { anchor, end } of headingsOf(text).toReversed()) {
    if (!/\{#[^}]+\}$/u.test(text.slice(0, end))) result = `${result.slice(0, end)} {#${anchor}}${result.slice(end)}`;
  }
  return result;
}

function withoutComments(text: string): string {
  return text
    .replace(CODE, (code) => code.replace(/^<!--.*?-->\s*/su, ''))
    .split(/(^```.*?^```$)/msu)
    .map((part) => (part.startsWith('```') ? part : part.replace(/<!--.*?-->\n*/gsu, '')))
    .join('');
}

function outsideCode(text: string, change: (prose: string) => string): string {
  return text
    .split(/(^```.*?^```$)/msu)
    .map((part) => (part.startsWith('```') ? part : change(part)))
    .join('');
}

function inlineSvg(svg: string, alt: string): string {
  const label = alt.replaceAll('"', '&quot;');
  const markup = svg
    .replace(/<\?xml.*?\?>|<!--.*?-->/gsu, '')
    .replace('<svg ', `<svg role="img" aria-label="${label}" `)
    .replace(/\n\s*\n/gu, '\n')
    .trim();
  return `<div class="diagram" tabindex="0">\n${markup}\n</div>\n`;
}

/** The first sentence of a page, without marks. */
export function descriptionOf({ body }: Page): string {
  const paragraphs = body.replace(CODE, '').split(/\n{2,}/u);
  const first = paragraphs.find((part) => /^(?:[\p{L}\p{N}`[]|\*\*)/u.test(part)) ?? '';
  const text = plain(first).replace(/\s+/gu, ' ').trim();
  return /^.{20,}?[.:](?= |$)/u.exec(text)?.[0] ?? text;
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Paths of the files below a folder of the repository, without those that are installed or built. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !/^(?:\..*|node_modules|dist)$/u.test(name) || name === '.env.example')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}
