import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifestsOf } from '../batch/archive/manifest.ts';
import { requestFlush } from '../batch/archive/requests.ts';
import { TOPICS, topicPartition } from '../domain/names.ts';
import { endOffsets } from '../infra/clients/kafka.ts';
import { sum } from './arithmetic.ts';
import { even, writeLog } from './clicks.ts';
import { fillTopic } from './path.ts';
import type { Site } from './site.ts';
import type { Benchmark, Round } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

const DROP = fileURLToPath(new URL('./archive/drop.ts', import.meta.url));

/** What writing costs beyond reading. */
export const archive: Benchmark = {
  name: 'archive',
  about: 'Kafka → Parquet (zstd) by event day, with manifests, beside reading the topic for nothing',
  sides: {
    ours: 'the archive: decoded, sorted into days, written, on record',
    peer: 'a kafkajs consumer that drops all',
  },
  engines: ['kafka'],
  rows: 1_000_000,
  takesAds: true,
  async prepare(site, { rows, ads }) {
    const log = join(site.folder, 'lines', 'clicks.log');
    await writeLog(log, rows, even(ads));
    await site.emptyTopics();
    await fillTopic(site, site.newFolder(), log, rows);
    return { ours: () => write(site, rows), peer: () => drop(site, rows) };
  },
  targets: ({ ours }) => [{ what: 'clicks/s', value: ours.rows_per_second, atLeast: 150_000 }],
};

async function write(site: Site, rows: number): Promise<Round> {
  await site.forgetArchive();
  const dataDir = site.newFolder();
  const archiveDir = join(dataDir, 'archive');
  const ends = await endOffsets(site.admin, TOPICS.clicks);
  // What would be written when it is full or five minutes old is wanted at once.
  const cut = Object.fromEntries([...ends].map(([partition, end]) => [topicPartition(TOPICS.clicks, partition), end]));
  requestFlush(archiveDir, 'bench', cut);
  const role = await site.startRole('archive', dataDir);
  const used = meter({ archive: role.pid, ...site.engines });
  const files = () => [...manifestsOf(archiveDir)].flatMap(({ files }) => files);
  const archived = (): number => sum(files().map(({ rows }) => rows));
  await until('all clicks are archived', async () => {
    role.check();
    return archived() >= rows;
  });
  const phase = { name: 'archive', rows, ...used() };
  await role.stop();
  if (archived() !== rows) throw new Error(`${archived()} clicks are archived, not ${rows}`);
  const bytes = sum(files().map(({ bytes }) => bytes));
  return { phases: [phase], facts: { 'Parquet, bytes a click': bytes / rows } };
}

async function drop(site: Site, rows: number): Promise<Round> {
  const reader = site.startProgram('reader', DROP, [site.urls.kafka.join(','), TOPICS.clicks, String(rows)]);
  await reader.says('reading');
  const used = meter({ reader: reader.pid, ...site.engines });
  await reader.says('read all');
  const phase = { name: 'archive', rows, ...used() };
  await reader.stop();
  return { phases: [phase], facts: {} };
}
