/** Reads the pages of the documentation with their code, links and anchors. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Code {
  /** The position, as `path:line`. */
  at: string;
  language: string;
  text: string;
  /** The file that the code is quoted from, as named in a comment above it. */
  from: string | undefined;
  /** The declarations that the code assumes, as given in a comment above it. */
  given: string | undefined;
}

export interface Page {
  /** The path from the root of the repository. */
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

/** Matches a code block with an optional comment above it. The fences start at the beginning of a line. */
const CODE = /(?:<!-- (from|given) ((?:(?!-->).)*?)\s*-->\s*\n)?^```(\w*)[^\n]*\n(.*?)^```$/gmsu;

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

  // Replace the code by blanks of the same length, to keep the positions.
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

/** Returns the anchor of a heading, as GitHub builds it. */
function slugOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/gu, '$1').trim();
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
