/** Runs the emulator's doctor as a program against an application. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { onTestFinished } from 'vitest';

const PROGRAM = fileURLToPath(new URL('bin/vortex-emulator.js', import.meta.resolve('@vortex/emulator/package.json')));

/** Starts an emulator that is closed when the test ends. */
export async function openEmulator(options: Parameters<typeof startEmulator>[0] = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

export interface DoctorReport {
  code: number | null;
  output: string;
  /** The lines of the findings that are wrong, each with its advice. */
  wrong: string[];
}

/** Runs the doctor in a folder of its own, with the given dependencies in its `package.json`. */
export async function runDoctor(
  emulator: Pick<Emulator, 'url'>,
  args: string[],
  dependencies: Record<string, string> = {},
): Promise<DoctorReport> {
  const cwd = await mkdtemp(join(tmpdir(), 'doctor-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await writeFile(join(cwd, 'package.json'), JSON.stringify({ dependencies }));
  const { VORTEX_API_KEY, VORTEX_WEBHOOK_SECRET, VORTEX_API_BASE_URL, ...env } = process.env;
  const child = spawn(process.execPath, [PROGRAM, 'doctor', ...args, '--emulator', emulator.url], { cwd, env });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  const wrong = [...output.matchAll(/^WRONG {4}(.+\n {9}.+)$/gmu)].map(([, finding = '']) => finding);
  return { code, output: output + errors, wrong };
}

/** The rules of an application that admits its signed-in callers to everything. */
export const ADMIT_ALL = {
  JWT: true,
  GET_INVITATIONS: true,
  GET_INVITATION: true,
  CREATE_INVITATION: true,
  REVOKE_INVITATION: true,
  ACCEPT_INVITATIONS: true,
  REINVITE: true,
  GET_GROUP_INVITATIONS: true,
  DELETE_GROUP_INVITATIONS: true,
  GET_AUTOJOIN_DOMAINS: true,
  CONFIGURE_AUTOJOIN: true,
  SYNC_INTERNAL_INVITATION: true,
} as const;
