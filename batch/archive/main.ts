import { mkdirSync } from 'node:fs';
import { eventTopics } from '../../domain/event_kinds.ts';
import { groupsOf } from '../../domain/names.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { createKafka } from '../../infra/clients/kafka.ts';
import { archiveDirOf, forEachKind, hiveOf, openRegisterOf } from '../../infra/kinds.ts';
import { openRegister } from '../../infra/register/open.ts';
import { ROLL_BYTES, ROLL_MS } from './archiver.ts';
import { startArchiveConsumer } from './consume.ts';
import { repair } from './files/layout.ts';
import { followInHive } from './hive_days.ts';
import { ArchiveMetrics } from './metrics.ts';

export const startArchive = forEachKind(async ({ config, event, log, metrics, clock, fail }) => {
  const archiveDir = archiveDirOf(config, event);
  const counted = new ArchiveMetrics(metrics, () => clock.nowMs());
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
    onArchived(manifest, rejected) {
      counted.archived(manifest, rejected);
      hiveDays.add(manifest.files.map(({ day }) => day));
      const { topic, partition, from, to, rows } = manifest;
      log.info({ topic, partition, from, to, rows, days: manifest.files.length }, 'archived');
    },
    register: openRegister(config),
    onStopped: (name) => counted.stopped(name),
    onFatal: fail,
  });
  return {
    async stop() {
      await consumer.stop();
      await hiveDays.stop();
    },
  };
});
