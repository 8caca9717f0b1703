import type { ServerSettings } from './application.js';

/** A listening application whose router, made of `conformanceOptions`, is mounted at two paths. */
export interface Server {
  url: string;
  /** What its program has printed, where it is a program of its own. */
  printed?(): string;
  close(): Promise<void>;
}

export type Start = (settings: ServerSettings) => Promise<Server>;
