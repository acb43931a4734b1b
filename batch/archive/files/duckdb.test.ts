import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { makeSpillFolder } from './duckdb.ts';

it('removes the spill folders of killed processes, also of one with the same process id, and no others', () => {
  const archiveDir = mkdtempSync(join(tmpdir(), 'spill-'));
  try {
    const [killed, before, running] = [2 ** 30, process.pid, process.ppid].map((pid) => `${hostname()}-${pid}-a1`);
    const elsewhere = `elsewhere-${2 ** 30}-a1`;
    for (const name of [killed, before, running, elsewhere])
      mkdirSync(join(archiveDir, 'spill', `${name}`), { recursive: true });
    const mine = basename(makeSpillFolder(archiveDir));
    const next = basename(makeSpillFolder(archiveDir));
    expect(readdirSync(join(archiveDir, 'spill')).sort()).toEqual([running, elsewhere, mine, next].sort());
  } finally {
    rmSync(archiveDir, { recursive: true });
  }
});
