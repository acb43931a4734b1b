import { ROLES } from '../../infra/role.ts';
import { ENGINE_NAMES } from '../../infra/setup/engines.mjs';
import { randomNumbers } from '../../infra/traffic/lines.ts';

/** `kill`: SIGKILL. `pause`: SIGSTOP, and SIGCONT after longer than a Kafka session: the process wakes as a zombie. */
export interface Blow {
  atMs: number;
  target: string;
  kind: 'kill' | 'pause';
}

export const PAUSE_MS = 20_000;
/** Those that own partitions, and could do harm when they wake. */
const PAUSABLE = ['realtime', 'archive', 'indexer'];
/** A rebuild is a process of its own that runs again and again meanwhile. */
const TARGETS = [...ROLES, 'rebuild', 'rebuild'];
const FIRST_MS = 3_000;

/**
 * The blows of a run, in order, the same for the same seed: each engine and role at least once, roles again and again,
 * about one every four seconds; a pause for each minute.
 */
export function schedule(seconds: number, seed: number): Blow[] {
  const next = randomNumbers(seed);
  const lengthMs = seconds * 1000 - FIRST_MS;
  const pauses = Array.from({ length: Math.max(1, Math.floor(seconds / 60)) }, (_, i) => ({
    target: PAUSABLE[(Math.floor(next() * 3) + i) % 3] as string,
    kind: 'pause' as const,
  }));
  const certain = [...ENGINE_NAMES, ...ROLES, 'rebuild'].map((target) => ({ target, kind: 'kill' as const }));
  const more = Array.from({ length: Math.max(0, Math.floor(seconds / 4) - certain.length) }, () => ({
    target: TARGETS[Math.floor(next() * TARGETS.length)] as string,
    kind: 'kill' as const,
  }));
  return [...pauses, ...certain, ...more]
    .map((blow) => ({ ...blow, atMs: FIRST_MS + Math.floor(next() * lengthMs) }))
    .sort((a, b) => a.atMs - b.atMs);
}
