/** Stores the state in a JSON file. */
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

  /** @param snapshot returns the state; called for every write */
  constructor(path: string, snapshot: () => Snapshot) {
    this.#path = path;
    this.#temporary = `${path}.${process.pid}.tmp`;
    this.#snapshot = snapshot;
  }

  /**
   * Reads the file. Creates it if it does not exist, so that an unwritable path fails at once.
   *
   * @throws {Error} if the file cannot be read or written, or is not a data file of the emulator
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
      throw new Error(
        `The data file ${this.#path} is damaged or was not written by the emulator; repair or delete it.\n${problem}`,
        { cause },
      );
    }
  }

  /** Schedules a write. Changes made during a write share the next one. */
  save(): void {
    this.#dirty = true;
    this.#writing ??= this.#write();
  }

  /**
   * Waits until everything is written.
   *
   * @throws the error of the last write, if it failed
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
    // Wait one microtask, so that several changes by one request are written once.
    await Promise.resolve();
    while (this.#dirty) {
      this.#dirty = false;
      try {
        await writeFile(this.#temporary, JSON.stringify(this.#snapshot()));
        await rename(this.#temporary, this.#path);
        this.#failure = undefined;
      } catch (error) {
        this.#failure = error;
        process.emitWarning(`The emulator could not write its data file ${this.#path}: ${String(error)}`);
      }
    }
    this.#writing = undefined;
  }
}
