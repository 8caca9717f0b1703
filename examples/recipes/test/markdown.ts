/** Reads the pages of the documentation with their code, links and anchors. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CODE, headingsOf, linksOf } from '@vortex/docs/markdown';

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

export function readPage(path: string, source: string): Page {
  const place = (index: number) => `${path}:${source.slice(0, index).split('\n').length}`;
  const codes = Array.from(source.matchAll(CODE), (match): Code => {
    const [whole, kind, comment, language = '', , text = ''] = match;
    const at = place(match.index + whole.indexOf('```'));
    return {
      at,
      language,
      text,
      from: kind === 'from' ? comment : undefined,
      given: kind === 'given' ? comment : undefined,
    };
  });

  const links = linksOf(source).map(({ index, target }) => ({ at: place(index), target }));
  return { path, codes, links, anchors: new Set(headingsOf(source).map(({ anchor }) => anchor)) };
}
