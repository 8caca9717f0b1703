import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const api = `http://127.0.0.1:${process.env.PORT ?? 3000}`;

/** Writes a compressed copy beside each script and style, which the server sends in its place. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  writeBundle({ dir }) {
    for (const name of readdirSync(`${dir}/assets`)) {
      if (!/\.(?:js|css)$/u.test(name)) continue;
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
      writeFileSync(`${dir}/assets/${name}.br`, brotliCompressSync(readFileSync(`${dir}/assets/${name}`), { params }));
    }
  },
};

export default defineConfig({
  root: 'web',
  plugins: [react(), compressed],
  build: { outDir: 'dist', emptyOutDir: true },
  // `npm run dev` serves the pages and reloads them on each edit. It passes requests to /api on to a running server.
  server: { host: '127.0.0.1', proxy: { '/api': api } },
});
