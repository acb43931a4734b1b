import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClaimedPort, StartError } from './types.ts';

const LOOPBACK = '127.0.0.1';
const POLL_MS = 100;

/** Port 0: any free one. Resolves to the bound port, undefined if it could not be bound. */
function bind(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(undefined) : reject(error),
    );
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

export const isFree = async (port: number): Promise<boolean> => (await bind(port)) !== undefined;

export async function freePort(): Promise<number> {
  const port = await bind(0);
  if (port === undefined) throw new Error('no free port on loopback');
  return port;
}

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
