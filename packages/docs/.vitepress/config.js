// The pages and the navigation come from `src`, compiled: run `npm run docs` in the root.
import { defineConfig } from 'vitepress';
import { writeSite } from '../dist/site.js';

const { sidebar } = writeSite();
const first = (path) => sidebar['/'].flatMap(({ items }) => items).find(({ link }) => link.startsWith(path))?.link;
const entry = (text, path) => (first(path) ? [{ text, link: first(path), activeMatch: `^${path}` }] : []);

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2454d6"/><path d="m8 9 8 15 8-15" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

export default defineConfig({
  title: 'Vortex for TypeScript',
  description: 'The Vortex invitation service on your own origin, for TypeScript backends',
  lang: 'en',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  srcDir: 'dist/pages',
  srcExclude: ['public/**'],
  outDir: 'dist/site',
  cacheDir: 'node_modules/.cache/vitepress',
  cleanUrls: true,
  markdown: {
    theme: { light: 'github-light', dark: 'github-dark' },
    // Code is never a template of Vue.
    config: ({ renderer: { rules } }) => {
      const print = rules.code_inline;
      rules.code_inline = (...args) => print(...args).replace(/^<code(?! v-pre)/u, '<code v-pre');
    },
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        // Without colours, which take most of the time. Generated pages are found by their headings and sentences.
        _render: (source, env, md) => {
          const [head = ''] = /^---\n.*?\n---\n/su.exec(source) ?? [];
          if (/^search: false$/mu.test(head)) return '';
          const code = /^generated: true$/mu.test(head) ? '' : '```txt$1```';
          return md.render(source.replace(/^```\w*(.*?)^```$/gmsu, code), env);
        },
      },
    },
    outline: [2, 3],
    nav: [
      ...entry('Start', '/start/'),
      ...entry('Guides', '/guides/'),
      ...entry('Hosts', '/hosts/'),
      ...entry('Troubleshooting', '/troubleshooting/'),
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
    ],
    sidebar,
  },
});
