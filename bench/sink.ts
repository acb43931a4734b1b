import { join } from 'node:path';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { sum } from './arithmetic.ts';
import { even, writeLog } from './clicks.ts';
import { KAFKA_ENGINE_CONFIG, type Readers, withKafkaEngine } from './kafka_engine.ts';
import { bytesPerClick, checkCounted, countedTwice, fillTopic, fromFirstCommit, sinkReads } from './path.ts';
import type { BenchSite } from './site.ts';
import type { Benchmark, Phase, Round } from './types.ts';

const TWICE = 'counted more than once, clicks';

/** Views fill the same table as the sink. */
const CLICKS = { target: () => 'clicks', blockRows: 524_288 };
/** The default, a thread per core, and more than that: which is best depends on the host. */
const READERS: Record<string, Readers> = {
  '1 consumer (default)': { tables: 1, consumers: 1, threadEach: false },
  '2 consumers, a thread each': { tables: 1, consumers: 2, threadEach: true },
  '4 consumers, a thread each': { tables: 1, consumers: 4, threadEach: true },
};

/**
 * The same topic into the same tables: by the sink, and by ClickHouse's own means, set up as experts do. Both clocks
 * start with the first commit. One click per message is the engine's worst case, and the format of the topic. In the
 * engine's favour: it drops no duplicates.
 */
export const sink: Benchmark = {
  name: 'sink',
  about: "Kafka → raw clicks and two views, beside ClickHouse's own Kafka engine",
  sides: {
    ours: 'the sink: exactly once, copies dropped',
    peer: 'the Kafka engine: at least once, copies counted',
  },
  engines: ['kafka', 'clickhouse'],
  clickhouseConfig: KAFKA_ENGINE_CONFIG,
  rows: 2_000_000,
  takesAds: true,
  async prepare(site, { rows, ads }) {
    const log = join(site.folder, 'lines', 'clicks.log');
    await writeLog(log, rows, even(ads));
    await site.emptyTopics();
    await fillTopic(site, site.newFolder(), log, rows);
    return {
      ours: () => startedOver(site, rows, () => bySink(site, { click: rows })),
      peer: Object.fromEntries(
        Object.entries(READERS).map(([name, readers]) => [
          name,
          () => startedOver(site, rows, () => byKafkaEngine(site, rows, readers)),
        ]),
      ),
    };
  },
  targets: ({ ours, ratio, ratios }) => [
    { what: 'rows/s, ours ÷ peer', value: ratio, atLeast: 1.1 },
    { what: 'CPU-seconds, ours ÷ peer', value: ratios.sink?.cpu_seconds ?? Number.NaN, atMost: 1.2 },
    {
      what: 'peak of the sink process, MB',
      value: ours.phases.sink?.processes.realtime?.peak_rss_mb ?? Number.NaN,
      atMost: 500,
    },
  ],
};

async function startedOver(site: BenchSite, clicks: number, measure: () => Promise<Phase>): Promise<Round> {
  await site.forgetSink();
  await site.emptyTables();
  const phase = await measure();
  const twice = await countedTwice(site, clicks);
  return { phases: [phase], facts: { [TWICE]: twice, ...(await bytesPerClick(site, clicks)) } };
}

/**
 * Counts all that the topics have, by a sink that works on these kinds.
 * @param messages in the topic of each kind
 */
export async function bySink(site: BenchSite, messages: Partial<Record<EventKind, number>>): Promise<Phase> {
  const kinds = Object.keys(messages) as EventKind[];
  const realtime = await site.startRole('realtime', site.newFolder(), { EVENT_KINDS: kinds.join() });
  const pids = { realtime: realtime.pid, ...site.engines };
  const reads = sinkReads(kinds);
  const measured = await fromFirstCommit(site, sum(Object.values(messages)), { reads, pids, check: realtime.check });
  await realtime.stop();
  for (const event of kinds) await checkCounted(site, messages[event] ?? 0, event);
  return { name: 'sink', ...measured };
}

const byKafkaEngine = (site: BenchSite, messages: number, readers: Readers): Promise<Phase> =>
  withKafkaEngine(site, CLICKS, readers, async (group) => {
    const measured = await fromFirstCommit(site, messages, {
      reads: [{ group, topic: PLURAL.click }],
      pids: site.engines,
    });
    return { name: 'sink', ...measured };
  });
