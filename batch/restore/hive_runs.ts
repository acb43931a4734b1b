import { existsSync } from 'node:fs';
import { z } from 'zod';
import { type Hive, hiveRowsOf } from '../../infra/clients/hive.ts';
import { fillHive, hiveDay, hiveInteger, hiveLocation } from '../../infra/hive_statement.ts';
import type { Register } from '../../infra/register/register.ts';
import { sql } from '../../infra/sql.ts';
import { moveInHive } from '../rebuild/propagate.ts';
import { runFolder } from '../run/run_files.ts';
import { ledgerDays } from './plan.ts';

const SQL = { known: sql('hive/rebuild/known_runs.sql'), add: sql('hive/rebuild/add_run.sql') };

/** `dt=2021-01-31/run=1` */
const knownPartition = z.object({ partition: z.string() });

interface HiveSite {
  hive: Pick<Hive, 'execute' | 'rows'>;
  archiveDir: string;
  register: Register;
}

/**
 * Makes runs visible in Hive that it does not know though their files are there: its metastore was lost. Days of the
 * archive are added by the role archive when it starts. Idempotent. Returns how many runs were unknown.
 */
export async function recoverRunsInHive({ hive, archiveDir, register }: HiveSite): Promise<number> {
  const known = new Set((await hiveRowsOf(hive, knownPartition, SQL.known)).map(({ partition }) => partition));
  let unknown = 0;
  for (const [day, { current, runs }] of await ledgerDays(register)) {
    const missing = runs.filter(({ run }) => !known.has(`dt=${day}/run=${run}`));
    for (const { run } of missing) {
      const folder = runFolder(archiveDir, day, run);
      if (!existsSync(folder)) continue;
      const values = { day: hiveDay(day), run: hiveInteger(run), location: hiveLocation(folder) };
      await hive.execute(fillHive(SQL.add, values));
      unknown += 1;
    }
    if (missing.length > 0) await moveInHive(hive, archiveDir, { day, run: current });
  }
  return unknown;
}
