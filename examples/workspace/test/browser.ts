/** Chromium as the system has it, and people with a browser of their own. */
import { chromium as executablePath, needsChromium } from '@vortex/conformance/chromium';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export { needsChromium };
export const hasChromium = needsChromium === '';

export function launch(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  return chromium.launch({ ...(executablePath && { executablePath }), args, timeout: 120_000 });
}

/** Waits are for conditions. How long at most is for a machine that has much else to do. */
export const PATIENCE = 60_000;

/** A browser of somebody's own, and what its pages complain of. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the pages wrote to the console, and errors that nobody caught. */
  readonly complaints: string[] = [];
  readonly #url: string;

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.context = context;
    this.page = page;
    this.#url = url;
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const visitor = new Visitor(context, page, url);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) visitor.complaints.push(message.text());
    });
    page.on('pageerror', (error) => visitor.complaints.push(error.message));
    return visitor;
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(this.#url + path, { timeout: PATIENCE });
  }

  /** As one of those whom the demo lets anybody be. */
  async signInAs(name: string, path = '/'): Promise<this> {
    await this.goto(path);
    await this.page.getByRole('button', { name }).click();
    await this.page.getByRole('link', { name: `Account of ${name}` }).waitFor();
    return this;
  }
}
