import { outputFiles } from '../../batch/rebuild/output.ts';
import { runFolder } from '../../batch/run/run_files.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';
import { migrateAll } from '../../infra/schema.ts';
import { command } from '../role.ts';
import type { BenchSite } from '../site.ts';
import type { Metered } from '../types.ts';
import { meter } from '../usage.ts';
import { type ArchivedDay, archiveDay, fillRealtime } from './day.ts';

/** Days in the state before their nightly run: archived, and counted in real time. */
export async function prepareDays<Sizes extends number[]>(
  site: BenchSite,
  sizes: [...Sizes],
): Promise<{ [size in keyof Sizes]: ArchivedDay }> {
  await migrateAll(site.config, () => {});
  const days: ArchivedDay[] = [];
  for (const [n, rows] of sizes.entries()) {
    const day = await archiveDay(site.config.archiveDir, rows, n + 1);
    await fillRealtime(site, day);
    days.push(day);
  }
  await site.startRole('indexer', site.folder);
  return days as { [size in keyof Sizes]: ArchivedDay };
}

/** Runs the command; measures it until the day is counted, and from then until the run is published. */
export async function rebuild(
  site: BenchSite,
  day: ArchivedDay,
): Promise<{ count: Metered; publish: Metered; files: string[] }> {
  const { running, pids, count } = await startAndCount(site, day);
  const usedToPublish = meter(pids);
  await running.says('"msg":"published"');
  const publish = usedToPublish();
  await running.done();
  day.runs += 1;
  return { count, publish, files: outputFiles(runFolder(site.config.archiveDir, day.day, day.runs)) };
}

/** Runs the command as a preview: nothing is published. Measures it until the day is counted. */
export async function preview(site: BenchSite, day: ArchivedDay): Promise<Metered> {
  const { running, count } = await startAndCount(site, day, '--preview');
  await running.done();
  return count;
}

async function startAndCount(site: BenchSite, { day }: ArchivedDay, ...options: string[]) {
  const args = ['rebuild', '--from', day, '--to', dayOf(dayStartMs(day) + DAY_MS), '--reason', 'benchmark', ...options];
  const running = site.start('rebuild', site.newFolder(), command(args, site.folder, site.settings));
  const pids = { rebuild: running.pid, ...site.engines };
  const used = meter(pids);
  await running.says('"msg":"counted"');
  return { running, pids, count: used() };
}
