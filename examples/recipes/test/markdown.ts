/** What the documentation consists of: pages, and of each its code, links and anchors. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Code {
  /** Where it is, as `path:line`. */
  at: string;
  language: string;
  text: string;
  /** What stands in a comment above: the file it is quoted from, or declarations that it takes for given. */
  from: string | undefined;
  given: string | undefined;
}

export interface Page {
  /** From the root of the repository. */
  path: string;
  codes: Code[];
  links: { at: string; target: string }[];
  anchors: Set<string>;
}

export function readPages(): Page[] {
  return find(root)
    .sort()
    .map((file) => readPage(relative(root, file), readFileSync(file, 'utf8')));
}

function find(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return entry.name.endsWith('.md') ? [path] : [];
    return /^(?:\..*|node_modules|dist)$/u.test(entry.name) ? [] : find(path);
  });
}

/** A comment, if any, and a block with its fences at the beginning of lines. */
const CODE = /(?:<!-- (from|given) ((?:(?!-->).)*?)\s*-->\s*\n)?^```(\w*)\n(.*?)^```$/gmsu;

export function readPage(path: string, source: string): Page {
  const place = (index: number) => `${path}:${source.slice(0, index).split('\n').length}`;
  const codes = Array.from(source.matchAll(CODE), (match): Code => {
    const [whole, kind, comment, language = '', text = ''] = match;
    const at = place(match.index + whole.indexOf('```'));
    return {
      at,
      language,
      text,
      from: kind === 'from' ? comment : undefined,
      given: kind === 'given' ? comment : undefined,
    };
  });

  // Of the same length, so that places stay what they are.
  const blank = (text: string) => text.replace(/[^\n]/gu, ' ');
  const prose = source.replace(CODE, blank).replace(/`[^`\n]+`/gu, blank);
  const links = Array.from(prose.matchAll(/\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)/gu), (match) => ({
    at: place(match.index),
    target: match[1] ?? '',
  }));

  const anchors = new Set<string>();
  for (const [, heading = ''] of source.replace(CODE, blank).matchAll(/^#{1,6} (.+)$/gmu)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return { path, codes, links, anchors };
}

/** As GitHub makes them. */
function slugOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/gu, '$1').trim();
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
