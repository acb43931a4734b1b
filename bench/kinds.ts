import { join } from 'node:path';
import type { EventKind } from '../domain/event_kinds.ts';
import { DAY_MS, dayOf, dayStartMs } from '../domain/time.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { putTemplates } from '../infra/migrate.ts';
import { write } from './archive.ts';
import { even, writeLog } from './clicks.ts';
import { byIndexer } from './index.ts';
import { fillTopic } from './path.ts';
import { bySink } from './sink.ts';
import type { BenchSite } from './site.ts';
import type { Benchmark, Round, Runs, Work } from './types.ts';

/** To each click. */
const IMPRESSIONS = 20;
const KINDS: readonly EventKind[] = ['click', 'impression'];

/** As many rows in all: of both kinds, or of clicks. */
interface Mixed {
  click: number;
  impression: number;
}
function mixed(rows: number): Mixed {
  const click = Math.ceil(rows / (1 + IMPRESSIONS));
  return { click, impression: rows - click };
}

type Shared = Pick<Benchmark, 'sides' | 'eventKinds' | 'takesAds' | 'targets'>;
/** Working on several kinds costs a role nothing beyond their events. */
const shared = (unit: string): Shared => ({
  sides: { ours: `${IMPRESSIONS} impressions to a click, both kinds run`, peer: 'as many clicks, no other kind run' },
  eventKinds: KINDS,
  takesAds: true,
  targets: ({ ratio }) => [{ what: `${unit}/s of both kinds ÷ of clicks alone`, value: ratio, atLeast: 1 }],
});

/** Each round has topics of its own with its own events, as the log monitor sends them. */
async function fromTopics(
  site: BenchSite,
  { rows, ads }: Work,
  round: (messages: Partial<Mixed>) => Promise<Round>,
): Promise<Runs> {
  const [both, clicks] = ['both.log', 'clicks.log'].map((name) => join(site.folder, 'lines', name)) as [string, string];
  await writeLog(both, rows, even(ads), { impressions: IMPRESSIONS });
  await writeLog(clicks, rows, even(ads));
  const ofLog = (log: string, messages: Partial<Mixed>) => async (): Promise<Round> => {
    await site.emptyTopics();
    await fillTopic(site, site.newFolder(), log, rows, KINDS);
    return round(messages);
  };
  return { ours: ofLog(both, mixed(rows)), peer: ofLog(clicks, { click: rows }) };
}

export const sinkKinds: Benchmark = {
  ...shared('events'),
  name: 'sink-kinds',
  about: `Kafka → raw events and two views, of clicks and ${IMPRESSIONS} times as many impressions, beside clicks alone`,
  engines: ['kafka', 'clickhouse'],
  rows: 4_000_000,
  prepare: (site, work) =>
    fromTopics(site, work, async (messages) => {
      await site.emptyTables();
      return { phases: [await bySink(site, messages)], facts: {} };
    }),
};

export const archiveKinds: Benchmark = {
  ...shared('events'),
  name: 'archive-kinds',
  about: `Kafka → Parquet, of clicks and ${IMPRESSIONS} times as many impressions, beside clicks alone`,
  engines: ['kafka'],
  rows: 2_000_000,
  prepare: (site, work) => fromTopics(site, work, (messages) => write(site, messages)),
};

export const indexKinds: Benchmark = {
  ...shared('documents'),
  name: 'index-kinds',
  about: `minutes → Elasticsearch, of clicks and ${IMPRESSIONS} times as many of impressions, beside those of clicks alone`,
  engines: ['kafka', 'elasticsearch'],
  rows: 500_000,
  async prepare(site, { rows, ads }) {
    const elasticsearch = createElasticsearch(site.urls.elasticsearch);
    await putTemplates(elasticsearch);
    const startMs = dayStartMs(dayOf(Date.now() - DAY_MS));
    const round = (documents: Partial<Mixed>) => () => byIndexer(site, elasticsearch, startMs, ads, documents);
    return { ours: round(mixed(rows)), peer: round({ click: rows }) };
  },
};
