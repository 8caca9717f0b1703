/** Measures the processor time that the worst text in each field of a request takes until it is answered. */
import { bodyWith, type Schema, textFields } from '@vortex/conformance/text-fields';
import { bodyFromKept, createRoutes, type VortexRoute } from '@vortex/core/adapter';
import { openApiDocument } from '@vortex/core/openapi';

interface Row {
  route: string;
  field: string;
  /** Maximum length of the field in characters. */
  limit: number;
  /** Milliseconds of processor time, so that other programs on the machine do not count. */
  longest: number;
  text: string;
}

/** Pieces of text that a pattern, a decoder or a normaliser might read more than once. */
const PIECES = [
  '%',
  '%25',
  '%2525',
  'e\u0301',
  'a',
  'a.',
  '1-',
  '(',
  '@',
  '/',
  '.',
  ' ',
  ':',
  '\u{1f680}',
  '\u00df',
  '[',
  '"',
];
/** Bytes of text that fit into the largest body. */
const BODY = 63_000;
/** The shortest of these counts, since a collection of garbage may fall into one of them. */
const REPEATS = 5;

const routes = createRoutes<undefined, { id: string }>({
  apiKey: `VRTX.${Buffer.alloc(16, 7).toString('base64url')}.bench`,
  authenticateUser: () => ({ id: 'ann' }),
  // A request that passes the checks before the rule ends there.
  authorizeOperation: () => false,
  logger: { warn() {}, error() {} },
});

async function timeOf(route: VortexRoute<undefined>, url: string, body: string): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < REPEATS; run += 1) {
    const started = process.cpuUsage();
    await route.handle({
      url,
      header: (name) => (name === 'content-type' && body !== '' ? 'application/json' : undefined),
      body: async () => bodyFromKept(body),
      signal: () => undefined,
      context: undefined,
    });
    const { user, system } = process.cpuUsage(started);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  return shortest;
}

/** Texts that fill the field, and texts that fill the body. */
function textsOf(limit: number): string[] {
  return PIECES.flatMap((piece) =>
    [limit, BODY].map((bytes) => piece.repeat(Math.ceil(bytes / Buffer.byteLength(piece))).slice(0, bytes)),
  );
}

export async function longestTimes(): Promise<Row[]> {
  const rows: Row[] = [];
  const paths = openApiDocument().paths as Record<
    string,
    Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>
  >;
  for (const route of routes.filter(({ operation }) => operation !== undefined)) {
    const measure = async (field: string, limit: number, ask: (text: string) => Promise<number>) => {
      const row: Row = { route: `${route.methods[0]} ${route.path}`, field, limit, longest: 0, text: '' };
      for (const text of textsOf(limit)) {
        const longest = await ask(text);
        if (longest > row.longest) Object.assign(row, { longest, text: `${text.slice(0, 6)}… (${text.length})` });
      }
      rows.push(row);
    };
    for (const [parameter] of route.path.matchAll(/:\w+/gu)) {
      const at = (text: string) => route.path.replace(parameter, text).replaceAll(/:\w+/gu, 'x');
      await measure(parameter, 100, (text) => timeOf(route, at(encodeURIComponent(text)), ''));
      await measure(`${parameter}, not encoded`, 100, (text) => timeOf(route, at(text), ''));
    }
    const url = route.path.replaceAll(/:\w+/gu, 'x');
    await measure('query', 2048, (text) => timeOf(route, `${url}?targetType=email&targetValue=${text}`, ''));
    for (const method of route.methods) {
      const path = route.path.replaceAll(/:(\w+)/gu, '{$1}');
      const schema = paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json']?.schema;
      for (const [field, limit] of schema ? textFields(schema) : []) {
        const body = (text: string) => JSON.stringify(bodyWith(field, text)).slice(0, 65_000);
        await measure(field.join('.'), limit, (text) => timeOf(route, url, body(text)));
      }
    }
  }
  return rows;
}

export function table(rows: readonly Row[]): string {
  const lines = rows
    .toSorted((a, b) => b.longest - a.longest)
    .map(({ route, field, limit, longest, text }) => {
      const shown = text.replaceAll('|', '\\|').replaceAll('`', "'");
      return `| \`${route}\` | \`${field}\` | ${limit} | ${longest.toFixed(2)} | \`${shown}\` |`;
    });
  return ['| Route | Field | Limit | Longest, in ms | Its text |', '|---|---|---|---|---|', ...lines].join('\n');
}
