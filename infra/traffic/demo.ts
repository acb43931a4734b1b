import { statSync } from 'node:fs';
import { join } from 'node:path';

export const DEMO_RATE = 20;
/** It is written to ten times a second. */
const FRESH_MS = 10_000;

/** Where `npm start` writes its sample clicks. */
export const demoLog = (dataDir: string): string => join(dataDir, 'logs', 'demo.log');

/** The log that sample clicks are written to now; null if none are. */
export function demoTraffic(dataDir: string, nowMs: number): string | null {
  const stats = statSync(demoLog(dataDir), { throwIfNoEntry: false });
  return stats !== undefined && nowMs - stats.mtimeMs < FRESH_MS ? demoLog(dataDir) : null;
}
