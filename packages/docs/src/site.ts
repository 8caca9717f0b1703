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
  readonly sidebar: Record<string, { text: string; collapsed?: boolean; items: Item[] }[]>;
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
    write(`${page.route}.md`, `${frontmatterOf(page)}${page.body}\n`);
    if (!page.route.startsWith('source/') && page.route !== 'index') write(`public${fileOf(page)}`, textOf(page));
  }
  for (const path of assets) cpSync(join(root, path), join(folder, 'public/files', path));
  write('public/llms.txt', llmsTxt(pages));
  write('public/llms-full.txt', llmsFullTxt(pages));
  return { sidebar: { '/reference/': bar(pages, 'reference'), '/': bar(pages, 'guide') } };
}

function frontmatterOf({ title, frontmatter }: Page): string {
  const text = frontmatter.startsWith('{') ? frontmatter : `title: ${JSON.stringify(title)}\n${frontmatter}`;
  return `---\n${text.trim()}\n---\n\n`;
}

function bar(pages: readonly Page[], name: 'guide' | 'reference') {
  return groups.flatMap(({ folder, title, bar, collapsed }) => {
    const items = pagesIn(pages, folder).map(({ sidebar, route }) => ({ text: sidebar, link: pathOf(route) }));
    if (bar !== name || items.length === 0) return [];
    return [{ text: title, items, ...(collapsed ? { collapsed } : {}) }];
  });
}
