/** Bundles a program for a browser and serves it as a page, in front of the real routes. */
import { fileURLToPath } from 'node:url';
import { chromium as executablePath } from '@vortex/conformance/chromium';
import { type Browser, chromium } from 'playwright-core';
import { rolldown } from 'rolldown';
import { reactCompiler } from './compiler.ts';

/** Bundles a program, whose source is given, with all that it imports. Relative imports start in this folder. */
export async function bundle(
  program: string,
  { alias = {}, define = {} }: { alias?: Record<string, string>; define?: Record<string, string> } = {},
): Promise<string> {
  const entry = fileURLToPath(new URL('page-entry.tsx', import.meta.url));
  const building = await rolldown({
    input: entry,
    platform: 'browser',
    resolve: { alias },
    transform: { define: { 'process.env.NODE_ENV': '"production"', ...define }, jsx: 'react-jsx' },
    plugins: [
      ...(process.env.REACT_COMPILER ? [reactCompiler] : []),
      {
        name: 'program',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? program : undefined),
      },
    ],
  });
  const { output } = await building.generate({ format: 'esm', minify: true });
  await building.close();
  return output[0].code;
}

export function launch(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  return chromium.launch({ ...(executablePath && { executablePath }), args, timeout: 120_000 });
}

/** Returns the document of a page that runs a bundle. */
export const documentOf = (code: string) =>
  `<!doctype html><html lang="en"><title>Test</title><main id="root"></main><script type="module">${code.replaceAll('</script', '<\\/script')}</script></html>`;
