import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = `http://127.0.0.1:${process.env.PORT ?? 3000}`;

export default defineConfig({
  root: 'web',
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true },
  // `npm run dev` beside a running server: pages are reloaded as they are edited, and all else is the server's.
  server: { host: '127.0.0.1', proxy: { '/api': api } },
});
