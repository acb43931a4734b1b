import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { parseLocation } from '../batch/archive/cold/location.ts';
import { checkTarget, type MovedDay, moveDays, refuseRecent } from '../batch/archive/cold/move.ts';
import { type Gap, skipGap } from '../batch/archive/skip.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { engineUrls, hiveUrl } from '../infra/clients/engines.ts';
import { connectHive } from '../infra/clients/hive.ts';
import { createKafka } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { openRegister } from '../infra/register/open.ts';
import { readPartitionNames } from '../infra/register/partition_names.ts';
import { dayArgument } from './arguments/day.ts';
import { partitionArgument } from './arguments/partition.ts';
import { untilHiveStarted } from './until_hive.ts';

interface MoveOptions {
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
    .option('--json', 'print one JSON document')
    .action(async ({ before, to, json }: MoveOptions) => {
      const config = readConfig(process.env);
      const { archiveDir } = config;
      refuseRecent(before, Date.now());
      if (!existsSync(archiveDir)) throw new Error(`DATA_DIR: there is no archive at ${archiveDir}`);
      checkTarget(archiveDir, to);
      const log = createLog('archive-move');
      await untilHiveStarted(config);
      const hive = await connectHive(hiveUrl(config), log);
      const days: MovedDay[] = [];
      try {
        const busy = await moveDays(
          { archiveDir, register: openRegister(config), hive, log },
          { before, to },
          (moved) => {
            days.push(moved);
            if (!json)
              process.stdout.write(`${moved.date}: ${moved.files} files, ${moved.bytes} bytes at ${moved.to}\n`);
          },
        );
        if (json) process.stdout.write(`${JSON.stringify({ days, busy })}\n`);
        else if (days.length + busy.length === 0) process.stdout.write(`no day before ${before} is left to move\n`);
        for (const message of busy) process.stderr.write(`clickledger: ${message}: repeat when that is over\n`);
        if (busy.length > 0) process.exitCode = 1;
      } finally {
        await hive.close();
      }
    });

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
    .requiredOption('--partition <name>', 'topic and partition, such as clicks-0', partitionArgument)
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--json', 'print one JSON document')
    .action(async ({ partition: { topic, partition }, dryRun, json }: SkipOptions) => {
      const config = readConfig(process.env);
      const urls = engineUrls(config);
      const admin = createKafka(urls.kafka, 'clickledger-archive-skip', createLog('archive-skip')).admin();
      const clickhouse = createClickHouse(urls.clickhouse);
      await admin.connect();
      try {
        const log = (await readPartitionNames(openRegister(config))).of(topic, partition);
        const entry = (await admin.fetchTopicOffsets(topic)).find((offsets) => offsets.partition === partition);
        if (entry === undefined) throw new Error(`--partition: ${topic} has no partition ${partition}`);
        const place = { topic: log.topic, partition };
        const gap = await skipGap({ ...config, clickhouse }, place, Number(entry.low), dryRun === true);
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
