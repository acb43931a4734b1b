import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 200;

/**
 * A lock that the kernel releases when its holder ends, however it ends: a listening socket in Linux's abstract
 * namespace. So there are no stale lock files, and no reused process ids. Returns the function that releases it, or
 * undefined if it is held elsewhere.
 */
export function tryLock(name) {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 24);
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(`\0clickledger-${hash}`, () => {
      server.unref();
      resolve(() => new Promise((released) => server.close(() => released())));
    });
  });
}

export async function withLock(name, log, work) {
  let release = await tryLock(name);
  if (!release) log('another set-up is at work: waiting for it');
  while (!release) {
    await sleep(RETRY_MS);
    release = await tryLock(name);
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
