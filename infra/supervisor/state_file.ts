import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, replaceFile } from '../files.ts';
import { statFields } from '../process_stat.ts';
import { type ProcessRow, processRow } from './types.ts';

const supervisorState = z.object({
  pid: z.int().min(1),
  /** In clock ticks since boot, as in the kernel: distinguishes this process from a later one with the same id. */
  pidStartTicks: z.int().min(0),
  processes: z.array(processRow),
});
type SupervisorState = z.infer<typeof supervisorState>;

const statePath = (dataDir: string): string => join(dataDir, 'run', 'supervisor.json');

export function writeState(dataDir: string, processes: ProcessRow[]): void {
  const path = statePath(dataDir);
  mkdirSync(join(dataDir, 'run'), { recursive: true });
  const state: SupervisorState = { pid: process.pid, pidStartTicks: startTicks(process.pid) ?? 0, processes };
  // After the machine went down it says nothing any more, and need not have been on disk.
  replaceFile(path, `${JSON.stringify(state, null, 1)}\n`, { durable: false });
}

/** The state of the supervisor that runs on this folder; undefined if there is none. */
export function readPlatformState(dataDir: string): SupervisorState | undefined {
  let state: SupervisorState;
  try {
    state = readJson(supervisorState, statePath(dataDir));
  } catch {
    return undefined;
  }
  return startTicks(state.pid) === state.pidStartTicks ? state : undefined;
}

function startTicks(pid: number): number | undefined {
  try {
    return parseStartTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

export const parseStartTicks = (stat: string): number => statFields(stat)(22);
