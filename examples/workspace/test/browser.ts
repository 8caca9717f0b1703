/** Starts Chromium, and opens a separate browser context for each user of a test. */
import { chromium as executablePath, needsChromium } from '@vortex/conformance/chromium';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export { needsChromium };
export const hasChromium = needsChromium === '';

export function launch(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  return chromium.launch({ ...(executablePath && { executablePath }), args, timeout: 120_000 });
}

/** The timeout of each wait for a condition, in milliseconds. It is long, for machines that are busy. */
export const PATIENCE = 60_000;

/** A user with their own browser context. Records the warnings and errors of its pages. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** The warnings and errors in the console, and uncaught errors. */
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

  /** Signs in as a demo user. */
  async signInAs(name: string, path = '/'): Promise<this> {
    await this.goto(path);
    await this.page.getByRole('button', { name }).click();
    await this.page.getByRole('link', { name: `Account: ${name}` }).waitFor();
    return this;
  }
}
