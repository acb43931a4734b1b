import { outputFiles } from '../../batch/rebuild/output.ts';
import { runFolder } from '../../batch/rebuild/run_files.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';
import { migrateAll } from '../../infra/schema.ts';
import { command } from '../role.ts';
import type { Site } from '../site.ts';
import type { Metered } from '../types.ts';
import { meter } from '../usage.ts';
import { type ArchivedDay, archiveDay, countInRealtime } from './day.ts';

/** Days as they lie there when their night comes: archived, and counted in real time. */
export async function prepareDays<Sizes extends number[]>(
  site: Site,
  sizes: [...Sizes],
): Promise<{ [size in keyof Sizes]: ArchivedDay }> {
  await migrateAll(site.config, () => {});
  const days: ArchivedDay[] = [];
  for (const [n, rows] of sizes.entries()) {
    const day = await archiveDay(site.config.archiveDir, rows, n + 1);
    await countInRealtime(site, day);
    days.push(day);
  }
  await site.startRole('indexer', site.folder);
  return days as { [size in keyof Sizes]: ArchivedDay };
}

/** Runs the command; what it used until the day was counted, and from then until the run was published. */
export async function rebuild(
  site: Site,
  day: ArchivedDay,
): Promise<{ count: Metered; publish: Metered; files: string[] }> {
  const next = dayOf(dayStartMs(day.day) + DAY_MS);
  const args = ['rebuild', '--from', day.day, '--to', next, '--reason', 'benchmark'];
  const folder = site.newFolder();
  const running = site.start('rebuild', folder, command(args, site.folder, site.settings));
  const pids = { rebuild: running.pid, ...site.engines };
  const usedToCount = meter(pids);
  await running.says('"msg":"counted"');
  const count = usedToCount();
  const usedToPublish = meter(pids);
  await running.says('"msg":"published"');
  const publish = usedToPublish();
  await running.done();
  day.runs += 1;
  return { count, publish, files: outputFiles(runFolder(site.config.archiveDir, day.day, day.runs)) };
}
