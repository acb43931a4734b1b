import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { parseLocation } from '../batch/archive/cold/location.ts';
import { checkTarget, type MovedDay, moveDays, refuseRecent } from '../batch/archive/cold/move.ts';
import { hiveUrl } from '../infra/clients/engines.ts';
import { connectHive } from '../infra/clients/hive.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { openRegister } from '../infra/register/open.ts';
import { dayArgument } from './arguments/day.ts';
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

export const archiveCommand = (): Command => new Command('archive').addCommand(moveCommand());

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
