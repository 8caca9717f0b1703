/** Defines the document that all pages share, and the content security policy for its style and script. */
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { COMPONENT_SCRIPT } from './component-script.js';
import { PAGE_SCRIPT } from './page/script.js';
import { STYLE } from './style.js';

/** Markup from the `html` template, which escapes all inserted text. */
export type Html = ReturnType<typeof html>;

const SCRIPTS = { page: PAGE_SCRIPT, component: COMPONENT_SCRIPT };

/** Allows our own style, script, requests and forms only. A second defence in case the escaping fails. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src '${hash(STYLE)}'`,
  `script-src ${Object.values(SCRIPTS)
    .map((script) => `'${hash(script)}'`)
    .join(' ')}`,
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export function document(title: string, body: Html, { script }: { script?: keyof typeof SCRIPTS } = {}): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${body}
${script ? raw(`<script>${SCRIPTS[script]}</script>`) : ''}
</body>
</html>`;
}

/** A page that says one thing, and leads to the first tab. */
export function notice(title: string, body: Html): Html {
  return document(
    title,
    html`<main class="notice"><h1>${title}</h1>${body}<p><a href="/">Open the emulator</a></p></main>`,
  );
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
