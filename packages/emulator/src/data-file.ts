/**
 * Keeps the state in a JSON file, and each change since that was written in a journal beside it: one line of JSON with the
 * record as it then was. A change costs the same however large the state is, and survives the end of the process.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { type Lock, lockFile, STALE_MS } from './file-lock.js';
import { type Change, changeSchema, type Snapshot, type State, snapshotSchema } from './state.js';

export class DataFile {
  readonly #path: string;
  readonly #journal: string;
  readonly #state: State;
  readonly #lock: Lock;
  /** Changes that are not in the journal yet. A record that changes again is written once. */
  readonly #pending = new Map<object, Change>();
  #descriptor: number | undefined;
  #isScheduled = false;

  /**
   * Reads the file into the state. Creates it if it does not exist, so that an unwritable path fails at once.
   *
   * @throws {Error} if the file cannot be read or written, is not a data file of the emulator, or is in use
   */
  constructor(path: string, state: State) {
    this.#path = path;
    this.#journal = `${path}.journal`;
    this.#state = state;
    this.#lock = lockFile(`${path}.lock`, (pid, place) => {
      const where = place === undefined ? '' : ` of another machine or container (${place})`;
      const wait = place === undefined ? '' : ` If it was killed, start again in ${STALE_MS / 1000} seconds.`;
      return new Error(
        `The data file ${path} is in use by an emulator in the process ${pid}${where}. Stop that one, or use another file.${wait}`,
      );
    });
    try {
      this.#removeTemporaryFiles();
      this.#load();
      this.#compact();
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** Notes a change. It is written before the microtasks that follow, or by `flush`. */
  save(change: Change): void {
    // A reset discards earlier changes.
    if (change.kind === 'reset') this.#pending.clear();
    this.#pending.set(change.kind === 'reset' ? this : change.record, change);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      try {
        this.flush();
      } catch (error) {
        process.emitWarning(`The emulator could not write its data file ${this.#path}: ${String(error)}`);
      }
    });
  }

  /**
   * Writes the changes that were noted.
   *
   * @throws if they cannot be written; the next flush tries again
   */
  flush(): void {
    if (this.#pending.size === 0) return;
    this.#requireLock();
    const lines = Array.from(this.#pending.values(), (change) => `${JSON.stringify(change)}\n`).join('');
    this.#descriptor ??= openSync(this.#journal, 'a');
    const { size } = fstatSync(this.#descriptor);
    try {
      writeFileSync(this.#descriptor, lines);
    } catch (error) {
      // A part of a line would make the lines after it unreadable.
      ftruncateSync(this.#descriptor, size);
      throw error;
    }
    this.#pending.clear();
  }

  /**
   * Writes everything into the one file, and lets another emulator use it.
   *
   * @throws if it cannot be written; what was acknowledged is in the journal all the same
   */
  close(): void {
    try {
      this.flush();
      this.#compact();
    } finally {
      this.#lock.release();
    }
  }

  #load(): void {
    const text = readText(this.#path);
    const journal = readText(this.#journal) ?? '';
    try {
      const snapshot: Snapshot | undefined = text === undefined ? undefined : snapshotSchema.parse(JSON.parse(text));
      // A line that was not finished was not acknowledged.
      const changes = journal
        .slice(0, journal.lastIndexOf('\n') + 1)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => changeSchema.parse(JSON.parse(line)));
      this.#state.restore(snapshot, changes);
    } catch (cause) {
      const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
      throw new Error(
        `The data file ${this.#path} is damaged or was not written by the emulator; repair or delete it.\n${problem}`,
        { cause },
      );
    }
  }

  /** Replaces the file, and deletes the journal. A journal that is left behind by a crash may be read again without harm. */
  #compact(): void {
    this.#requireLock();
    const temporary = `${this.#path}.${randomUUID()}.tmp`;
    try {
      writeFileSync(temporary, JSON.stringify(this.#state.snapshot()));
      renameSync(temporary, this.#path);
    } catch (error) {
      rmSync(temporary, { force: true });
      if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
      throw new Error(
        `The data file ${this.#path} cannot be replaced (EBUSY). If the file itself is mounted into a container, mount its folder instead.`,
        { cause: error },
      );
    }
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    rmSync(this.#journal, { force: true });
  }

  /** An emulator in another container takes the file over from one that has stood still, such as in a paused container. */
  #requireLock(): void {
    if (this.#lock.isHeld()) return;
    throw new Error(
      `The data file ${this.#path} was taken over by another emulator, or its lock was deleted. Stop this emulator: it writes no more.`,
    );
  }

  /** Those of killed processes. */
  #removeTemporaryFiles(): void {
    const folder = dirname(this.#path);
    const name = basename(this.#path);
    for (const file of readdirSync(folder)) {
      const rest = file.startsWith(`${name}.`) ? file.slice(name.length) : '';
      if (/^(?:\.lock)?\.[\da-f-]+\.tmp$/u.test(rest)) rmSync(join(folder, file), { force: true });
    }
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
