/** Reads Markdown: its code, its headings with the anchors that GitHub gives them, its links and its sections. */

/** Matches a code block with an optional comment above it. The fences start at the beginning of a line. */
export const CODE = /(?:<!-- (from|given) ((?:(?!-->).)*?)\s*-->\s*\n)?^```(\w*)([^\n]*)\n(.*?)^```$/gmsu;

const LINK = /\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)/gu;

/** The text with its code replaced by blanks of the same length, so that positions stay. */
export function withoutCode(text: string): string {
  const blank = (code: string) => code.replace(/[^\n]/gu, ' ');
  return text.replace(CODE, blank).replace(/`[^`\n]+`/gu, blank);
}

export interface Link {
  /** Position of the target in the text. */
  readonly index: number;
  readonly target: string;
}

export function linksOf(text: string): Link[] {
  return Array.from(withoutCode(text).matchAll(LINK), ({ index, 1: target = '' }) => ({ index: index + 2, target }));
}

export interface Heading {
  readonly level: number;
  readonly text: string;
  readonly anchor: string;
  /** Positions in the text, of the heading and of the end of its line. */
  readonly start: number;
  readonly end: number;
}

/** The headings with the anchors that GitHub gives them: a repeated one gets a number. */
export function headingsOf(text: string): Heading[] {
  const taken = new Set<string>();
  const prose = text.replace(CODE, (code) => code.replace(/[^\n]/gu, ' '));
  return Array.from(prose.matchAll(/^(#{1,6}) (.+)$/gmu), ({ 0: line, 1: marks = '', 2: heading = '', index }) => {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let count = 1; taken.has(anchor); count += 1) anchor = `${slug}-${count}`;
    taken.add(anchor);
    return { level: marks.length, text: heading.trim(), anchor, start: index, end: index + line.length };
  });
}

/** The text of a heading without its marks. */
export function plain(heading: string): string {
  return heading.replace(/\[([^\]]*)\]\([^)]*\)/gu, '$1').replace(/[`*]/gu, '');
}

/** Returns the anchor of a heading, as GitHub builds it. */
function slugOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/gu, '$1').trim();
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
