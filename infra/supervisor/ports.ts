import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClaimedPort, StartError } from './types.ts';

const LOOPBACK = '127.0.0.1';
const POLL_MS = 100;

/** Linux gives higher ones to outgoing connections: one of these could take a port before its engine starts. */
const [LOWEST, HIGHEST] = [12_000, 32_000];
const ATTEMPTS = 1_000;

export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error),
    );
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Different free ports, for what is started later. */
export async function freePorts(count: number): Promise<number[]> {
  const free = new Set<number>();
  for (let n = 0; free.size < count; n++) {
    if (n === ATTEMPTS * count) throw new Error(`no free port on loopback from ${LOWEST} to ${HIGHEST}`);
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) free.add(port);
  }
  return [...free];
}

export const freePort = async (): Promise<number> => (await freePorts(1))[0] as number;

/** Throws a StartError naming the setting of the first port that is taken, or claimed twice. */
export async function checkPorts(claims: readonly ClaimedPort[]): Promise<void> {
  const claimed = new Map<number, string>();
  for (const claim of claims) {
    const { setting, port } = claim;
    const other = claimed.get(port);
    if (other !== undefined) throw new StartError(`${setting}: ${port} is also the value of ${other}`);
    claimed.set(port, setting);
    if (!(await isFree(port))) throw inUse(claim);
  }
}

/** Waits until all can be bound; throws a StartError when that takes longer than `limitMs`. */
export async function untilFree(claims: readonly ClaimedPort[], limitMs: number): Promise<void> {
  const until = performance.now() + limitMs;
  for (const claim of claims) {
    while (!(await isFree(claim.port))) {
      if (performance.now() > until) throw inUse(claim);
      await sleep(POLL_MS);
    }
  }
}

const inUse = ({ setting, port }: ClaimedPort): StartError =>
  new StartError(`${setting}: ${LOOPBACK}:${port} is already in use`);
