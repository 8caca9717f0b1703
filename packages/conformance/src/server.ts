import type { ServerSettings } from './application.js';

/** A listening application with a router made of `conformanceOptions`, mounted at two paths. */
export interface Server {
  url: string;
  /** Everything that the server has printed, if it runs as a program of its own. */
  printed?(): string;
  close(): Promise<void>;
}

export type Start = (settings: ServerSettings) => Promise<Server>;
