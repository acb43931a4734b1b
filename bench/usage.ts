import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { statFields, TICKS_PER_SECOND } from '../infra/process_stat.ts';
import { sum } from './arithmetic.ts';
import type { Metered, Usage } from './types.ts';

interface Stat {
  parent: number;
  cpuSeconds: number;
}

/** Starts measuring the named processes; the returned function gives the usage of each since then. */
export function meter(pids: Record<string, number>): () => Metered {
  for (const pid of Object.values(pids)) forgetPeak(pid);
  const before = usages(pids);
  const machineBefore = parseMachine(readFileSync('/proc/stat', 'utf8'));
  const thisBefore = process.cpuUsage();
  const startedAt = performance.now();
  return () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const processes = Object.entries(usages(pids)).map(
      ([name, { cpuSeconds, peakBytes }]) =>
        [name, { cpuSeconds: cpuSeconds - (before[name]?.cpuSeconds ?? 0), peakBytes }] as const,
    );
    const machine = parseMachine(readFileSync('/proc/stat', 'utf8'));
    const { user, system } = process.cpuUsage(thisBefore);
    const measured = sum(processes.map(([, { cpuSeconds }]) => cpuSeconds)) + (user + system) / 1e6;
    const busy = machine.busySeconds - machineBefore.busySeconds - measured;
    const taken = Math.max(0, busy) / (machine.seconds - machineBefore.seconds);
    return { seconds, processes: Object.fromEntries(processes), taken };
  };
}

/** Processor time of the whole machine since boot; time stolen by the host counts as busy. */
export function parseMachine(stat: string): { busySeconds: number; seconds: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number) ?? [];
  const busy = user + nice + system + irq + softirq + steal;
  return { busySeconds: busy / TICKS_PER_SECOND, seconds: (busy + idle + iowait) / TICKS_PER_SECOND };
}

function usages(pids: Record<string, number>): Record<string, Usage> {
  const stats = readStats();
  return Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => {
      const family = withDescendants(pid, stats);
      return [
        name,
        {
          cpuSeconds: sum(family.map((each) => stats.get(each)?.cpuSeconds ?? 0)),
          peakBytes: sum(family.map(peakOf)),
        },
      ];
    }),
  );
}

function readStats(): Map<number, Stat> {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readIfThere(`/proc/${name}/stat`);
    if (stat !== '') stats.set(Number(name), parseStat(stat));
  }
  return stats;
}

/** Processor time of the process, and of its children that have ended. */
export function parseStat(stat: string): Stat {
  const field = statFields(stat);
  return { parent: field(4), cpuSeconds: (field(14) + field(15) + field(16) + field(17)) / TICKS_PER_SECOND };
}

function withDescendants(pid: number, stats: Map<number, Stat>): number[] {
  const family = [pid];
  for (const member of family) {
    for (const [other, { parent }] of stats) if (parent === member) family.push(other);
  }
  return family;
}

/** Highest resident size since the process started, or since `forgetPeak`. */
function peakOf(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** A process may end while it is read. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
