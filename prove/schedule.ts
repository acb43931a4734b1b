import { ROLES } from '../infra/role.ts';
import { ENGINE_NAMES } from '../infra/setup/engines.mjs';
import { randomNumbers } from '../infra/traffic/lines.ts';
import { FAILPOINT_TARGETS, type FailpointTarget, failpointsOf } from './failpoints/failpoints.ts';

/** `kill`: SIGKILL. `pause`: SIGSTOP, and SIGCONT after longer than a Kafka session: the process wakes as a zombie. */
export interface Fault {
  atMs: number;
  target: string;
  kind: 'kill' | 'pause';
}

/** A kill at a failpoint, as soon as the process reaches it after `atMs`. */
export interface FailpointFault {
  atMs: number;
  target: FailpointTarget;
  point: string;
}

export interface Schedule {
  random: Fault[];
  atFailpoints: FailpointFault[];
}

export const PAUSE_MS = 20_000;
/** Processes that own partitions, and could do harm when they wake. */
const PAUSABLE = ['realtime', 'archive', 'indexer'];
/** A rebuild is a separate process that is run repeatedly. */
const TARGETS = [...ROLES, 'rebuild'];
const FIRST_MS = 3_000;
/** Partitions of a killed consumer are reassigned only after a session. */
const AIMED_EVERY_MS = 15_000;

/**
 * The faults of a run, in order, the same for the same seed: a kill at random for each engine, role and the rebuild,
 * and one more every eight seconds; a pause for each minute; and every 15 s, for each process with failpoints, a kill
 * at one of them, the most critical first, then the others in random order, repeatedly.
 */
export function schedule(seconds: number, seed: number): Schedule {
  const next = randomNumbers(seed);
  const lengthMs = seconds * 1000 - FIRST_MS;
  const anyTime = (): number => FIRST_MS + Math.floor(next() * lengthMs);
  const kill = (target: string): Fault => ({ target, kind: 'kill', atMs: anyTime() });
  const any = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;

  const pauses = Array.from({ length: Math.max(1, Math.floor(seconds / 60)) }, (_, i): Fault => {
    const target = PAUSABLE[(Math.floor(next() * 3) + i) % 3] as string;
    return { target, kind: 'pause', atMs: anyTime() };
  });
  const certain = [...ENGINE_NAMES, ...ROLES, 'rebuild'].map(kill);
  const more = Array.from({ length: Math.floor(seconds / 8) }, () => kill(any(TARGETS)));

  const atFailpoints = FAILPOINT_TARGETS.flatMap((target) => {
    const [sharpest, ...others] = failpointsOf(target);
    const points = [sharpest as string, ...shuffled(others, next)];
    const count = Math.max(1, Math.floor(lengthMs / AIMED_EVERY_MS));
    const offset = next();
    return Array.from({ length: count }, (_, n): FailpointFault => {
      const point = points[n % points.length] as string;
      return { target, point, atMs: FIRST_MS + Math.floor(((n + offset) / count) * lengthMs) };
    });
  });
  const inOrder = (a: { atMs: number }, b: { atMs: number }): number => a.atMs - b.atMs;
  return { random: [...pauses, ...certain, ...more].sort(inOrder), atFailpoints: atFailpoints.sort(inOrder) };
}

export function shuffled<T>(items: readonly T[], next: () => number): T[] {
  const keyed = items.map((item) => ({ item, key: next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
