/** Keeps a second emulator away from a data file: in this process, in others, in other containers and on other machines. */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** How often a holder touches its lock. */
const TOUCH_MS = 2000;

/** From this age on, the lock of another machine or container is stale: its processes cannot be seen from here. */
export const STALE_MS = 10_000;

/**
 * The process that holds a lock. A number alone does not name one: another process may get it, as in a container. Version 0.2.0 wrote
 * no place, so its locks are taken for those of this one.
 */
const holder = z.object({
  pid: z.number(),
  started: z.string().nullable(),
  place: z.string().optional(),
  token: z.string(),
});
type Holder = z.infer<typeof holder>;

export interface Lock {
  /** False after `release`, and once another process has taken the lock over or the file was deleted. */
  isHeld(): boolean;
  release(): void;
}

/**
 * Takes a lock file. The lock of a process that has ended, such as one that was killed, is taken over: at once if that process ran
 * on this machine and in this container, otherwise when it is stale.
 *
 * @param inUse makes the error from the number of the process that holds it, and from its host if it is another one
 * @throws {Error} if a running process holds it
 */
export function lockFile(path: string, inUse: (pid: number, otherPlace: string | undefined) => Error): Lock {
  const place = placeOf();
  const mine: Holder = { pid: process.pid, started: startOf(process.pid), place, token: randomUUID() };
  const text = JSON.stringify(mine);
  const temporary = `${path}.${randomUUID()}.tmp`;
  const descriptor = openSync(temporary, 'wx');
  try {
    write(descriptor, text);
    while (!tryLink(temporary, path)) {
      const found = readText(path);
      const other = found === undefined ? undefined : read(found);
      const isElsewhere = other?.place !== undefined && other.place !== place;
      if (other && (isElsewhere ? isFresh(path, descriptor) : isRunning(other))) {
        throw inUse(other.pid, isElsewhere ? other.place : undefined);
      }
      if (found !== undefined) takeAway(path, found);
    }
  } catch (error) {
    closeSync(descriptor);
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  let isReleased = false;
  // The same bytes. This keeps to the file of this lock, even after another process has replaced it.
  const touching = setInterval(() => {
    try {
      write(descriptor, text);
    } catch {
      // isHeld tells.
    }
  }, TOUCH_MS).unref();
  return {
    isHeld() {
      // The number of a closed descriptor may be that of another file by now.
      if (isReleased) return false;
      try {
        return fstatSync(descriptor).nlink > 0;
      } catch {
        return false;
      }
    },
    release() {
      isReleased = true;
      clearInterval(touching);
      closeSync(descriptor);
      if (read(readText(path) ?? '')?.token === mine.token) rmSync(path, { force: true });
    },
  };
}

/** Flushes what it writes: a client of NFS may otherwise keep both the text and the time of the write from other machines. */
function write(descriptor: number, text: string): void {
  writeSync(descriptor, text, 0);
  fdatasyncSync(descriptor);
}

/** Names the place where the number of a process has a meaning: this machine, and the container where the system tells. */
function placeOf(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/**
 * Compares the lock with a file that was written just now: clocks of machines differ, the one of a file system does not. A time in the
 * future is from before that clock was set back.
 */
function isFresh(path: string, written: number): boolean {
  const lock = statSync(path, { throwIfNoEntry: false });
  return lock !== undefined && Math.abs(fstatSync(written).mtimeMs - lock.mtimeMs) < STALE_MS;
}

/** A link appears with its whole content, or not at all. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a stale lock, unless another process has replaced it since it was read. */
function takeAway(path: string, text: string): void {
  const away = `${path}.${randomUUID()}.tmp`;
  try {
    renameSync(path, away);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (readText(away) !== text) tryLink(away, path);
  rmSync(away, { force: true });
}

function read(text: string): Holder | undefined {
  try {
    return holder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isRunning({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs as another user.
    if (codeOf(error) !== 'EPERM') return false;
  }
  return startOf(pid) === started;
}

/** When a process began, in ticks since the machine did. Null where the system does not tell. */
function startOf(pid: number): string | null {
  try {
    // The second field is a name in brackets, which may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\)\s+/su, '')
      .split(' ');
    return fields[19] ?? null;
  } catch {
    return null;
  }
}

function codeOf(error: unknown): unknown {
  return Object(error).code;
}
