import { mkdirSync } from 'node:fs';
import { Counter, Gauge } from 'prom-client';
import { eventTopics } from '../../domain/event_kinds.ts';
import { groupsOf, topicPartition } from '../../domain/names.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { createKafka } from '../../infra/clients/kafka.ts';
import { archiveDirOf, forEachKind, hiveOf, openRegisterOf } from '../../infra/kinds.ts';
import { openRegister } from '../../infra/register/open.ts';
import { stageSeconds } from '../../infra/stage_seconds.ts';
import { ROLL_BYTES, ROLL_MS } from './archiver.ts';
import { startArchiveConsumer } from './consume.ts';
import { repair } from './files/layout.ts';
import { followInHive } from './hive_days.ts';

export const startArchive = forEachKind(async ({ config, event, log, metrics, clock, fail }) => {
  const archiveDir = archiveDirOf(config, event);
  const registers = [metrics];
  const clicks = new Counter({ name: 'clickledger_archive_clicks_total', help: 'clicks archived', registers });
  const rejected = new Counter({
    name: 'clickledger_archive_rejected_total',
    help: 'invalid messages',
    registers,
  });
  const files = new Counter({ name: 'clickledger_archive_files_total', help: 'Parquet files written', registers });
  const archived = stageSeconds(metrics, 'archived', () => clock.nowMs());
  const labelNames = ['topic_partition'];
  const offset = new Gauge({ name: 'clickledger_archive_offset', help: 'archived up to', labelNames, registers });
  const stopped = new Gauge({
    name: 'clickledger_archive_partition_stopped',
    help: '1 for a partition that is not archived any more until somebody mends what "status" names',
    labelNames,
    registers,
  });

  mkdirSync(archiveDir, { recursive: true });
  repair(archiveDir, log);
  const site = { archiveDir, register: openRegisterOf(config, event) };
  const hiveDays = followInHive(site, () => hiveOf(config, event, log), log);
  const consumer = await startArchiveConsumer({
    event,
    kafka: createKafka(kafkaAddress(config), 'clickledger-archive', log),
    topics: eventTopics(event, config.regions),
    groupId: groupsOf(event).archive,
    archiveDir,
    rollBytes: ROLL_BYTES,
    rollMs: ROLL_MS,
    log,
    onArchived(manifest) {
      clicks.inc(manifest.rows);
      rejected.inc(manifest.rejected);
      files.inc(manifest.files.length);
      if (manifest.last) archived(manifest.last.time_ms);
      offset.set({ topic_partition: topicPartition(manifest.topic, manifest.partition) }, manifest.to);
      hiveDays.add(manifest.files.map(({ day }) => day));
      const { topic, partition, from, to, rows } = manifest;
      log.info({ topic, partition, from, to, rows, days: manifest.files.length }, 'archived');
    },
    register: openRegister(config),
    onStopped: (name) => stopped.set({ topic_partition: name }, 1),
    onFatal: fail,
  });
  return {
    async stop() {
      await consumer.stop();
      await hiveDays.stop();
    },
  };
});
