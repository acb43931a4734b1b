import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../domain/time.ts';
import { here } from '../../../infra/here.ts';
import { makeSpillFolder } from './duckdb.ts';

const NO_PID = 2 ** 30;

it('removes the spill folders of killed processes, also of one with the same process id, and no others', () => {
  const archiveDir = mkdtempSync(join(tmpdir(), 'spill-'));
  const spills = join(archiveDir, 'spill');
  const make = (name: string, ageMs = 0): string => {
    mkdirSync(join(spills, name), { recursive: true });
    const at = new Date(Date.now() - ageMs);
    utimesSync(join(spills, name), at, at);
    return name;
  };
  try {
    for (const pid of [NO_PID, process.pid]) make(`${here()}-${pid}-a1`);
    const running = make(`${here()}-${process.ppid}-a1`);
    // Containers with the network of their host have its name, and process ids that mean nothing here.
    const inContainer = make(`${here()}0-${NO_PID}-a1`, DAY_MS - HOUR_MS);
    make(`${here()}0-${process.ppid}-a2`, DAY_MS + HOUR_MS);
    const [mine, next] = [makeSpillFolder(archiveDir), makeSpillFolder(archiveDir)];
    const kept = [running, inContainer, ...[mine, next].map(({ path }) => basename(path))];
    expect(readdirSync(spills).sort()).toEqual(kept.sort());
    mine.remove();
    next.remove();
    expect(readdirSync(spills).sort()).toEqual([running, inContainer].sort());
  } finally {
    rmSync(archiveDir, { recursive: true });
  }
});
