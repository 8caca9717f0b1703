/** Keeps a second emulator away from a data file, in this process and in others. */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/** The process that holds a lock. A number alone does not name one: another process may get it, as in a container. */
const holder = z.object({ pid: z.number(), started: z.string().nullable(), token: z.string() });
type Holder = z.infer<typeof holder>;

/**
 * Takes a lock file. The lock of a process that has ended, such as one that was killed, is taken over.
 *
 * @returns releases the lock
 * @throws {Error} if a running process holds it
 */
export function lockFile(path: string, inUse: (pid: number) => Error): () => void {
  const mine: Holder = { pid: process.pid, started: startOf(process.pid), token: randomUUID() };
  const temporary = `${path}.${randomUUID()}.tmp`;
  writeFileSync(temporary, JSON.stringify(mine));
  try {
    while (!tryLink(temporary, path)) {
      const text = readText(path);
      const other = text === undefined ? undefined : read(text);
      if (other && isRunning(other)) throw inUse(other.pid);
      if (text !== undefined) takeAway(path, text);
    }
  } finally {
    rmSync(temporary, { force: true });
  }
  return () => {
    if (read(readText(path) ?? '')?.token === mine.token) rmSync(path, { force: true });
  };
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
