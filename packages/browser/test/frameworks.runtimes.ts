/** Compiles the README's examples for Vue, Svelte and a plain page, and runs them in Chromium against the real routes. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium as executablePath, needsChromium } from '@vortex/conformance/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { compile } from 'svelte/compiler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileScript, parse } from 'vue/compiler-sfc';
import { type Application, newInvitation, startApplication, zoe } from './server.ts';

const read = (name: string) => readFile(new URL(`examples/${name}`, import.meta.url), 'utf8');

/** Bundles a component and the program that mounts it. */
async function page(name: string, mount: string): Promise<string> {
  return `<main></main>${bundled(await bundle('entry.js', mount.replace('COMPONENT', `./${name}`)))}`;
}

const bundled = (code: string) => `<script type="module">${code.replaceAll('</script', '<\\/script')}</script>`;

/** Bundles a program. Its imports begin at the folder of the examples. */
async function bundle(name: string, program: string): Promise<string> {
  const entry = fileURLToPath(new URL(`examples/${name}`, import.meta.url));
  const building = await rolldown({
    input: entry,
    platform: 'browser',
    transform: {
      define: {
        'process.env.NODE_ENV': '"production"',
        __VUE_OPTIONS_API__: 'false',
        __VUE_PROD_DEVTOOLS__: 'false',
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      },
    },
    plugins: [
      {
        name: 'examples',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? program : undefined),
        transform(code, id) {
          if (id.endsWith('.svelte')) return { code: compile(code, { filename: id }).js.code, moduleType: 'js' };
          if (!id.endsWith('.vue')) return undefined;
          const { content } = compileScript(parse(code).descriptor, { id: 'example', inlineTemplate: true });
          return { code: content, moduleType: 'js' };
        },
      },
    ],
  });
  const { output } = await building.generate({ format: 'esm' });
  await building.close();
  return output[0].code;
}

const vue = `import { createApp } from 'vue'; import App from 'COMPONENT'; createApp(App).mount('main');`;
const svelte = `import { mount } from 'svelte'; import App from 'COMPONENT'; mount(App, { target: document.querySelector('main') });`;

describe.skipIf(needsChromium !== '')(`the examples in Chromium${needsChromium}`, () => {
  let application: Application;
  let browser: Browser;
  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
    const options = { ...(executablePath && { executablePath }), args, timeout: 120_000 };
    [application, browser] = await Promise.all([startApplication(), chromium.launch(options)]);
  });
  afterAll(async () => {
    await browser?.close();
    await application?.close();
  });

  async function open(body: string): Promise<Page> {
    const opened = await browser.newPage();
    const { origin } = new URL(application.url);
    const html = `<!doctype html><html lang="en"><title>Example</title>${body}</html>`;
    await opened.route(`${origin}/`, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
    await opened.route(`${origin}/vortex/*`, async (route) => {
      const path = new URL(`../dist/${new URL(route.request().url()).pathname.split('/').at(-1)}`, import.meta.url);
      await route.fulfill({ contentType: 'text/javascript', body: await readFile(path, 'utf8') });
    });
    await opened.goto(`${origin}/`);
    return opened;
  }

  test.each([
    ['a plain page', () => read('invitations.html')],
    ['Vue', () => page('InvitationList.vue', vue)],
    ['Svelte', () => page('InvitationList.svelte', svelte)],
  ])('the example for %s lists the invitations of the user, and shows a refusal', async (_, build) => {
    application.reset();
    const created = await fetch(`${application.url}/invitations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(newInvitation(zoe.email)),
    });
    expect(created.status).toBe(200);
    const body = await build();
    const signedIn = await open(body);
    await signedIn.getByText(`Invited by ${zoe.name}`).waitFor();
    application.user = null;
    const signedOut = await open(body);
    await signedOut.getByText('Sign in first.').waitFor();
    await Promise.all([signedIn.close(), signedOut.close()]);
  });

  /** In place of the vendor's component: a link to the stand-in of the emulator, with the token. */
  const standIn = () => `<script>
    const link = ({ componentId, jwt }) => {
      const href = '${application.emulator.url}/component/' + encodeURIComponent(componentId) + '#token=' + jwt;
      return Object.assign(document.createElement('a'), { href, textContent: 'Open the component' });
    };
    customElements.define('vortex-invite', class extends HTMLElement {
      set jwt(jwt) {
        this.replaceChildren(...(jwt ? [link({ componentId: this.componentId, jwt })] : []));
      }
    });
  </script>`;
  /** The program of the README for a script, and one that calls it. */
  const script = async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const [, program = ''] = /as an argument gets it after the first refresh:\n\n```ts\n(.*?)```/su.exec(readme) ?? [];
    const call = `openComponent((options) => document.body.append(link({ componentId: 'component-1', ...options })));`;
    return `<main></main>${bundled(await bundle('entry.ts', `${program}\n${call}`))}`;
  };

  test.each([
    ['the web component', () => read('component.html')],
    ['the script', script],
  ])('%s of the README gets a token that the stand-in for the component accepts', async (_, build) => {
    application.reset();
    const opened = await open(standIn() + (await build()));
    await opened.getByRole('link', { name: 'Open the component' }).click();
    await opened.getByText(`The token is right. It is for user ${zoe.id}, ${zoe.email}.`).waitFor();
    await opened.close();
  });
});
