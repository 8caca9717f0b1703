/** Keeps the state in a file. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Snapshot, snapshotSchema } from './state.js';

export class DataFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #snapshot: () => Snapshot;
  #dirty = false;
  #writing: Promise<void> | undefined;
  #failure: unknown;

  /** @param snapshot called for every write */
  constructor(path: string, snapshot: () => Snapshot) {
    this.#path = path;
    this.#temporary = `${path}.${process.pid}.tmp`;
    this.#snapshot = snapshot;
  }

  /**
   * What the file holds; a new file is made where there was none, so that a path that cannot be written fails at once.
   *
   * @throws {Error} when the file cannot be read or written, or is not one of ours
   */
  load(): Snapshot {
    const text = this.#read();
    if (text === undefined) {
      const empty = this.#snapshot();
      writeFileSync(this.#temporary, JSON.stringify(empty));
      renameSync(this.#temporary, this.#path);
      return empty;
    }
    try {
      return snapshotSchema.parse(JSON.parse(text));
    } catch (cause) {
      const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
      throw new Error(`${this.#path} is not a data file of this emulator; repair, move or delete it.\n${problem}`, {
        cause,
      });
    }
  }

  /** Writes soon. Changes made while a write is under way share the next one. */
  save(): void {
    this.#dirty = true;
    this.#writing ??= this.#write();
  }

  /**
   * Waits until everything is written.
   *
   * @throws what the last write failed with
   */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure;
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #write(): Promise<void> {
    // One turn later, so that a request that changes several things writes once.
    await Promise.resolve();
    while (this.#dirty) {
      this.#dirty = false;
      try {
        await writeFile(this.#temporary, JSON.stringify(this.#snapshot()));
        await rename(this.#temporary, this.#path);
        this.#failure = undefined;
      } catch (error) {
        this.#failure = error;
        process.emitWarning(`The emulator could not write ${this.#path}: ${String(error)}`);
      }
    }
    this.#writing = undefined;
  }
}
