import { PLURAL } from '../domain/event_kinds.ts';
import { groupsOf } from '../domain/names.ts';
import { committedOffsets } from '../infra/clients/kafka.ts';
import { sum } from './arithmetic.ts';
import { Further } from './further.ts';
import { checkCounted, countTopic, hasCommitted, mergeTables, sinkReads } from './path.ts';
import type { Running } from './process.ts';
import { type BenchSite, PARTITIONS } from './site.ts';
import { fillSpan } from './span.ts';
import type { Benchmark, Round } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

/** A starting sink reads the clicks of this many windows, and keeps those of 1 to 1.125. */
const WINDOWS = 1.25;
/** Counted first: a sink that has counted nothing has nothing to remember. */
const FIRST = PARTITIONS * 1_000;
const REMEMBERED = 'clicks that it remembered when it began';

/**
 * The cost for the sink of remembering all clicks of a window. Counts those of a minute twice: as a backlog, and live.
 */
const sinkWindowAt = (name: string, rate: number, { once, atMost }: { once: boolean; atMost?: number }): Benchmark => ({
  name,
  about: `a sink that starts, counts a backlog and goes on, remembering ten minutes of ${rate} clicks/s, beside one with nothing to remember`,
  sides: { ours: 'the clicks of the window are there', peer: 'the tables are empty' },
  engines: ['kafka', 'clickhouse'],
  rows: 60 * rate,
  once,
  takesAds: true,
  async prepare(site, { rows, ads }) {
    await site.emptyTopics();
    await site.emptyTables();
    const further = await Further.start(site, ads);
    await further.write(FIRST);
    await further.send();
    await countTopic(site, site.newFolder(), FIRST);
    const clicksOf = (windows: number): number =>
      Math.round((windows * rows * site.config.dedupeWindowMs.click) / 60_000);
    const round = async (before: number, least: number): Promise<Round> => {
      await site.emptyTables();
      await further.write(rows);
      if (before > 0) await fillWindow(site, before, ads);
      await further.send();
      const counted = await count(site, further, rows);
      await checkCounted(site, before + 2 * rows);
      const remembered = counted.facts[REMEMBERED] ?? Number.NaN;
      if (!(remembered >= least)) throw new Error(`the sink remembers ${remembered} of at least ${least} clicks`);
      return counted;
    };
    return { ours: () => round(clicksOf(WINDOWS), clicksOf(1)), peer: () => round(0, 0) };
  },
  targets: ({ ours }) => {
    if (atMost === undefined) return [];
    const peaks = ['backlog', 'further'].map((phase) => ours.phases[phase]?.processes.realtime?.peak_rss_mb);
    return [{ what: 'peak of the sink process, MB', value: Math.max(...peaks.map(Number)), atMost }];
  },
});

export const sinkWindow = sinkWindowAt('sink-window', 10_000, { once: false, atMost: 500 });
export const sinkWindowPeak = sinkWindowAt('sink-window-peak', 50_000, { once: true });

/** As if the sink had counted them until now: it searches for offsets below its committed one. */
async function fillWindow(site: BenchSite, rows: number, ads: number): Promise<void> {
  const committed = [...(await committedOffsets(site.admin, groupsOf('click').sink, PLURAL.click)).values()];
  const offsets = Math.min(...committed.map(({ offset }) => offset));
  const toMs = Date.now();
  const span = { fromMs: toMs - WINDOWS * site.config.dedupeWindowMs.click, toMs };
  await fillSpan(site, span, { topic: PLURAL.click, partitions: PARTITIONS, offsets, rows, ads });
  await mergeTables(site);
}

async function count(site: BenchSite, further: Further, rows: number): Promise<Round> {
  const startedAt = performance.now();
  const realtime = await site.startRole('realtime', site.newFolder());
  const untilSo = (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> =>
    until(what, async () => {
      realtime.check();
      return isSo();
    });
  const counted = () => untilSo('all is committed', () => hasCommitted(site, sinkReads(), further.messages));
  const usedForBacklog = meter({ realtime: realtime.pid, ...site.engines });
  await untilSo('every partition is taken over', () => rememberedBy(realtime).length === PARTITIONS);
  const seconds = (performance.now() - startedAt) / 1_000;
  await counted();
  const backlog = { name: 'backlog', rows, ...usedForBacklog() };
  await further.write(rows);
  const used = meter({ realtime: realtime.pid, ingest: further.pid, ...site.engines });
  await further.send();
  await counted();
  const phases = [backlog, { name: 'further', rows, ...used() }];
  await realtime.stop();
  return {
    phases,
    facts: { [REMEMBERED]: sum(rememberedBy(realtime)), 'all partitions were taken over after s': seconds },
  };
}

/** Remembered clicks of each partition taken over. */
const rememberedBy = (sink: Running): number[] =>
  [...sink.said().matchAll(/"remembered":(\d+)/g)].map(([, clicks]) => Number(clicks));
