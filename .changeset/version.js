/** Part of `npm run version`: writes core's new version to the other places that state it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const core = new URL('../packages/core/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', core), 'utf8'));

const constant = /(?<=^export const (?:SDK_)?VERSION = ')[^']+(?=';$)/mu;
const sources = readdirSync(new URL('src/', core), { recursive: true })
  .map((name) => new URL(`src/${String(name).replaceAll('\\', '/')}`, core))
  .filter((file) => file.pathname.endsWith('.ts') && constant.test(readFileSync(file, 'utf8')));
if (sources.length !== 1)
  throw new Error(`packages/core/src must have one "export const VERSION = '…';", and has ${sources.length}.`);

for (const [file, place] of [
  [sources[0], constant],
  [new URL('openapi.json', core), /(?<="info": \{[^}]*"version": ")[^"]+/u],
  [new URL('../consumers/test/snapshots/core.txt', core), /(?<=^ *const SDK_VERSION = ")[^"]+(?="$)/mu],
]) {
  const text = readFileSync(file, 'utf8');
  if (!place.test(text)) throw new Error(`${file.pathname} has no version where ${place} looks for it.`);
  writeFileSync(file, text.replace(place, version));
}

const repository = new URL('../', import.meta.url);
const packages = readdirSync(new URL('packages/', repository)).map((name) => `packages/${name}`);

// A package needs the core that it is released with, or a later one.
for (const each of packages) {
  const file = new URL(`${each}/package.json`, repository);
  if (!existsSync(file)) continue;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/(?<="workspace:>=)[\d.]+(?= <1\.0\.0")/u, version));
}

// The READMEs name the tarballs that `npm run pack` makes.
for (const page of ['README.md', 'packages/docs/start/index.md', ...packages.map((each) => `${each}/README.md`)]) {
  const file = new URL(page, repository);
  if (!existsSync(file)) continue;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/(?<=\/vortex-[a-z]+-)\d[\w.-]*(?=\.tgz)/gu, version));
}
