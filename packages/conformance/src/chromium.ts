import { existsSync } from 'node:fs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** Path of Chromium, or undefined if it is not installed. */
export const chromium = [process.env.CHROMIUM, ...places].find((place) => place && existsSync(place));

if (!chromium && process.env.CI) throw new Error('CI skips nothing. Install Chromium: apt-get install chromium.');

/** Suffix for the title of a test that is skipped without Chromium. It is empty if Chromium is installed. */
export const needsChromium = chromium
  ? ''
  : ' (needs Chromium: apt-get install chromium, or set CHROMIUM to the path of its program)';
