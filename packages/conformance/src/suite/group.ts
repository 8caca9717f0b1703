import type { Harness } from './harness.js';

/** A part of the suite, which says what it depends on. */
export interface Group {
  /**
   * `seam`: an adapter, its framework or its runtime can change the outcome. The group runs on every one of them.
   * `core`: core alone decides, over plain data that every adapter hands over alike. The group runs on one adapter.
   */
  of: 'seam' | 'core';
  title: string;
  define(harness: Harness): void;
}
