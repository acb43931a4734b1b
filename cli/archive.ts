import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { locationOf, parseLocation } from '../batch/archive/cold/location.ts';
import { checkTarget, type MovedDay, moveDays, refuseRecent } from '../batch/archive/cold/move.ts';
import { type Gap, skipGap } from '../batch/archive/skip.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { createKafka } from '../infra/clients/kafka.ts';
import type { Config } from '../infra/config.ts';
import { archiveDirOf, clickHouseOf, hiveOf, openRegisterOf } from '../infra/kinds.ts';
import { createLog } from '../infra/log.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { openRegister } from '../infra/register/open.ts';
import { readPartitionNames } from '../infra/register/partition_names.ts';
import { dayArgument } from './arguments/day.ts';
import { eventOption, kindOfTopic, namedKinds } from './arguments/event.ts';
import { partitionArgument } from './arguments/partition.ts';
import { kindNote } from './text/kind.ts';
import { untilHiveStarted } from './until_hive.ts';

interface MoveOptions {
  event?: EventKind;
  before: string;
  to: string;
  json?: true;
}

const locationArgument = (text: string): string => {
  try {
    return parseLocation(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
};

export const archiveCommand = (): Command => new Command('archive').addCommand(moveCommand()).addCommand(skipCommand());

const moveCommand = (): Command =>
  new Command('move')
    .description('move old days to cold storage; Hive and rebuilds read them there. May be interrupted and repeated')
    .requiredOption('--before <day>', 'days before this one, YYYY-MM-DD (UTC)', dayArgument)
    .requiredOption(
      '--to <location>',
      'an absolute path that Hive sees too, or hdfs://host:port/folder or s3a://bucket/folder that Hive is configured for',
      locationArgument,
    )
    .addOption(eventOption('click, impression or conversion; all that are run if absent'))
    .option('--json', 'print one JSON document')
    .action(async ({ event, before, to, json }: MoveOptions) => {
      const config = await readPlatformConfig(process.env);
      const { archiveDir } = config;
      refuseRecent(before, Date.now());
      if (!existsSync(archiveDir)) throw new Error(`DATA_DIR: there is no archive at ${archiveDir}`);
      checkTarget(archiveDir, to);
      await untilHiveStarted(config);
      const [days, busy]: [(MovedDay & { event: EventKind })[], string[]] = [[], []];
      for (const kind of namedKinds(config, event)) {
        const place = locationOf(to, kind);
        const left = await moveKind(config, kind, { before, to: place }, (moved) => {
          days.push({ event: kind, ...moved });
          if (json) return;
          process.stdout.write(
            `${moved.date}${kindNote(kind)}: ${moved.files} files, ${moved.bytes} bytes at ${moved.to}\n`,
          );
        });
        busy.push(...left.map((message) => message + kindNote(kind)));
      }
      if (json) process.stdout.write(`${JSON.stringify({ days, busy })}\n`);
      else if (days.length + busy.length === 0) process.stdout.write(`no day before ${before} is left to move\n`);
      for (const message of busy) process.stderr.write(`clickledger: ${message}: repeat when that is over\n`);
      if (busy.length > 0) process.exitCode = 1;
    });

/** Moves the days of a kind; returns why days could not be moved now. */
async function moveKind(
  config: Config,
  event: EventKind,
  wanted: Pick<MoveOptions, 'before' | 'to'>,
  onMoved: (moved: MovedDay) => void,
): Promise<string[]> {
  const archiveDir = archiveDirOf(config, event);
  // A kind that is run since a moment ago.
  if (!existsSync(archiveDir)) return [];
  const log = createLog('archive-move');
  const hive = await hiveOf(config, event, log);
  try {
    return await moveDays({ archiveDir, register: openRegisterOf(config, event), hive, log }, wanted, onMoved);
  } finally {
    await hive.close();
  }
}

interface SkipOptions {
  partition: { topic: string; partition: number };
  dryRun?: true;
  json?: true;
}

const skipCommand = (): Command =>
  new Command('skip')
    .description(
      'archive a partition on behind messages that left Kafka unarchived; of them, what was counted in real time is archived from ClickHouse',
    )
    .requiredOption('--partition <name>', 'topic and partition, such as clicks-0 or impressions-0', partitionArgument)
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--json', 'print one JSON document')
    .action(async ({ partition: { topic, partition }, dryRun, json }: SkipOptions) => {
      const config = await readPlatformConfig(process.env);
      const event = kindOfTopic(config, topic);
      const kafka = createKafka(engineUrls(config).kafka, 'clickledger-archive-skip', createLog('archive-skip'));
      const [admin, clickhouse, archiveDir] = [kafka.admin(), clickHouseOf(config, event), archiveDirOf(config, event)];
      await admin.connect();
      try {
        const log = (await readPartitionNames(openRegister(config))).of(topic, partition);
        const entry = (await admin.fetchTopicOffsets(topic)).find((offsets) => offsets.partition === partition);
        if (entry === undefined) throw new Error(`--partition: ${topic} has no partition ${partition}`);
        const place = { topic: log.topic, partition };
        const gap = await skipGap({ archiveDir, clickhouse }, place, Number(entry.low), dryRun === true);
        process.stdout.write(json ? `${JSON.stringify({ partition: log.name, gap })}\n` : skipText(log.name, gap));
      } finally {
        await Promise.all([admin.disconnect(), clickhouse.close()]);
      }
    });

function skipText(name: string, gap: Gap | null): string {
  if (gap === null) return `${name}: nothing is missing between the archive and what Kafka has\n`;
  const { from, to, rows, lost } = gap;
  return `${name}: messages ${from} to ${to - 1} left Kafka unarchived; ${rows} from ClickHouse, ${lost} invalid or lost\n`;
}
