/** Starts Chromium, for the pictures and for the test of the site. */
import { chromium as executablePath } from '@vortex/conformance/chromium';
import { type Browser, chromium } from 'playwright-core';

export function launch(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  return chromium.launch({ ...(executablePath && { executablePath }), args, timeout: 120_000 });
}
