import { existsSync } from 'node:fs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** Where Chromium is; undefined where there is none. */
export const chromium = [process.env.CHROMIUM, ...places].find((place) => place && existsSync(place));

if (!chromium && process.env.CI) throw new Error('CI skips nothing: install Chromium (apt-get install chromium).');

/** Why there is no Chromium to test with; empty where there is one. */
export const needsChromium = chromium
  ? ''
  : ' (needs Chromium: apt-get install chromium, or put its path into CHROMIUM)';
