import { readFileSync } from 'node:fs';
import { statFields, TICKS_PER_SECOND } from '../process_stat.ts';

const PAGE_BYTES = 4_096;

interface Figures {
  cpuSeconds: number;
  residentBytes: number;
}

/** What a process uses with all that descend from it: an engine's launcher starts its JVM. Null: it has ended. */
export function figuresOf(pid: number): Figures | null {
  const own = ownFigures(pid);
  if (own === null) return null;
  const others = childrenOf(pid)
    .map(figuresOf)
    .filter((one) => one !== null);
  return others.reduce(
    (sum, one) => ({
      cpuSeconds: sum.cpuSeconds + one.cpuSeconds,
      residentBytes: sum.residentBytes + one.residentBytes,
    }),
    own,
  );
}

function ownFigures(pid: number): Figures | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const field = statFields(stat);
  return { cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND, residentBytes: field(24) * PAGE_BYTES };
}

const childrenOf = (pid: number): number[] =>
  (read(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
