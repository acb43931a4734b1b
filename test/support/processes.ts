import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readPlatformState } from '../../infra/supervisor/state_file.ts';

const LISTEN = '0A';

export interface Listening {
  address: string;
  port: number;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

/** Process ids of an engine or role of a running platform: the process that was started, and its descendants. */
export function processesOf(dataDir: string, name: string): number[] {
  const first = readPlatformState(dataDir)?.processes.find((row) => row.name === name)?.pid;
  if (first === undefined || first === null) throw new Error(`${name} does not run`);
  const parents = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => [Number(pid), Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1])] as const);
  const found = [first];
  for (const pid of found) found.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return found;
}

export const environmentOf = (pid: number): string[] =>
  read(`/proc/${pid}/environ`)
    .split('\0')
    .filter((entry) => entry !== '');

/** TCP ports on which a process listens. */
export function listeningOf(pid: number): Listening[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    read(`/proc/${pid}/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTEN && sockets.has(inode ?? ''))
      .map(([, local = '']) => {
        const [address = '', port = ''] = local.split(':');
        return { address, port: Number.parseInt(port, 16) };
      }),
  );
}
