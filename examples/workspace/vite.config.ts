import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = `http://127.0.0.1:${process.env.PORT ?? 3000}`;

export default defineConfig({
  root: 'web',
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true },
  // `npm run dev` serves the pages and reloads them on each edit. It passes requests to /api on to a running server.
  server: { host: '127.0.0.1', proxy: { '/api': api } },
});
