/** The site as text for language models: https://llmstxt.org. */
import { groups } from './contents.js';
import { descriptionOf, type Page, pathOf } from './pages.js';

const introduction = `# Vortex for TypeScript backends

> A router that gives a frontend the invitation service Vortex on its own origin: Express, Fastify, Hono, Next.js and other hosts.
> The API key stays on the server, the application says who may do what, and webhooks report who has joined.
`;

/** An index with a link to the Markdown of each page. */
export function llmsTxt(pages: readonly Page[]): string {
  const sections = ordered(pages).map(({ title, members }) => {
    const lines = members.map((page) => `- [${page.title}](${fileOf(page)})${after(': ', descriptionOf(page))}`);
    return `## ${title}\n\n${lines.join('\n')}\n`;
  });
  return [introduction, 'All pages in one file: [llms-full.txt](/llms-full.txt)\n', ...sections].join('\n');
}

const after = (separator: string, text: string) => (text === '' ? '' : separator + text);

export function llmsFullTxt(pages: readonly Page[]): string {
  const texts = ordered(pages).flatMap(({ members }) =>
    members.map((page) => `<!-- ${pathOf(page.route)} -->\n\n${textOf(page)}`),
  );
  return [introduction, ...texts].join('\n');
}

/** The Markdown of a page, without what only the site understands. */
export function textOf({ body }: Page): string {
  return body
    .replace(/ \{#[^}\n]+\}$/gmu, '')
    .replace(/^<div class="diagram".*?^<\/div>$/gmsu, (diagram) => /aria-label="([^"]*)"/u.exec(diagram)?.[1] ?? '')
    .replaceAll('&lt;', '<')
    .replaceAll('&#123;', '{');
}

export function fileOf({ route }: Page): string {
  return `/${route}.md`;
}

/** The pages of the sidebar, in its order. */
export function ordered(pages: readonly Page[]): { title: string; folder: string; members: Page[] }[] {
  return groups
    .map(({ folder, title }) => ({ folder, title, members: pagesIn(pages, folder) }))
    .filter(({ members }) => members.length > 0);
}

export function pagesIn(pages: readonly Page[], folder: string): Page[] {
  const nested = groups
    .map((group) => `${group.folder}/`)
    .filter((other) => other.startsWith(`${folder}/`) && other !== `${folder}/`);
  return pages
    .filter(({ route }) => route.startsWith(`${folder}/`) && !nested.some((other) => route.startsWith(other)))
    .toSorted((a, b) => placeOf(a) - placeOf(b) || (a.sidebar < b.sidebar ? -1 : 1));
}

/** The first page of a folder comes first. */
function placeOf({ route, order }: Page): number {
  return route.endsWith('/index') ? -1 : order;
}
