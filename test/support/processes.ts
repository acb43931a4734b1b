import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readPlatformState } from '../../infra/supervisor/state_file.ts';

const LISTEN = '0A';

/** One end of a socket. */
export interface SocketEnd {
  /** As the kernel writes it: hexadecimal, the bytes of each word the other way round. */
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
export const listeningOf = (pid: number): SocketEnd[] =>
  socketsOf(pid)
    .filter(({ state }) => state === LISTEN)
    .map(({ local }) => local);

/** Addresses at the other ends of a process's TCP connections, and of its UDP sockets that are connected. */
export const remotesOf = (pid: number): SocketEnd[] =>
  socketsOf(pid)
    .filter(({ state, remote }) => state !== LISTEN && remote.port !== 0)
    .map(({ remote }) => remote);

interface Socket {
  state: string;
  local: SocketEnd;
  remote: SocketEnd;
}

function socketsOf(pid: number): Socket[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    read(`/proc/${pid}/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => sockets.has(fields[9] ?? ''))
      .map(([, local = '', remote = '', state = '']) => ({ state, local: endOf(local), remote: endOf(remote) })),
  );
}

function endOf(text: string): SocketEnd {
  const [address = '', port = ''] = text.split(':');
  return { address, port: Number.parseInt(port, 16) };
}
