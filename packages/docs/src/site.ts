/** Writes the pages for VitePress, and tells it what the navigation is. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groups } from './contents.js';
import { fileOf, llmsFullTxt, llmsTxt, pagesIn, textOf } from './llms.js';
import { type Page, pathOf, readSite } from './pages.js';
import { root } from './reference.js';

/** The folder that VitePress reads. */
export const folder = fileURLToPath(new URL('./pages/', import.meta.url));

interface Item {
  readonly text: string;
  readonly link: string;
}

export interface Navigation {
  readonly sidebar: Record<string, { text: string; items: Item[] }[]>;
}

export function writeSite(): Navigation {
  const { pages, assets } = readSite();
  rmSync(folder, { recursive: true, force: true });
  const write = (path: string, text: string) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  for (const page of pages) {
    write(`${page.route}.md`, `${frontmatterOf(page)}${withTabs(page.body)}\n`);
    if (!page.route.startsWith('source/') && page.route !== 'index') write(`public${fileOf(page)}`, textOf(page));
  }
  for (const path of assets) cpSync(join(root, path), join(folder, 'public/files', path));
  write('public/llms.txt', llmsTxt(pages));
  write('public/llms-full.txt', llmsFullTxt(pages));
  const sidebar: Navigation['sidebar'] = { '/reference/': bar(pages, 'reference') };
  for (const { folder } of groups.filter(({ isShort }) => isShort))
    sidebar[`/${folder}/`] = bar(pages, 'guide', folder);
  return { sidebar: { ...sidebar, '/': bar(pages, 'guide') } };
}

/** Makes tabs of code blocks in a row that have a bold label above each, as GitHub shows them. */
function withTabs(body: string): string {
  return body.replace(
    /(?:^\*\*[^*\n]+\*\*\n\n```\w+\n(?:(?!```).*\n)*```\n+){2,}/gmu,
    (blocks) => `::: code-group\n\n${blocks.replace(/^\*\*(.+)\*\*\n\n```(\w+)$/gmu, '```$2 [$1]')}:::\n\n`,
  );
}

function frontmatterOf({ title, frontmatter }: Page): string {
  const text = frontmatter.startsWith('{') ? frontmatter : `title: ${JSON.stringify(title)}\n${frontmatter}`;
  return `---\n${text.trim()}\n---\n\n`;
}

/** The groups of a sidebar. A long one shows its first page only, unless the reader is in it. */
function bar(pages: readonly Page[], name: 'guide' | 'reference', open?: string) {
  return groups.flatMap(({ folder, title, bar, isShort }) => {
    const items = pagesIn(pages, folder).map(({ sidebar, route }) => ({ text: sidebar, link: pathOf(route) }));
    if (bar !== name || items.length === 0) return [];
    return [{ text: title, items: isShort && folder !== open ? items.slice(0, 1) : items }];
  });
}
