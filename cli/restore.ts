import { Command } from 'commander';
import { bringRegisterForward, lacks, type RegisterLacks } from '../batch/run/restore_register.ts';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import type { Config } from '../infra/config.ts';
import { archiveDirOf, clickHouseOf, openRegisterOf } from '../infra/kinds.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { openRegister } from '../infra/register/open.ts';
import { beginRestore } from '../infra/register/restores.ts';
import { bringFoldersBack, bringRecordsBack, checkBackup } from './backup/bring_back.ts';
import { checkpointsOf } from './backup/folders.ts';
import { progressOf } from './progress.ts';
import { clickHouseState, discardClickHouse, restoreClickHouse, surveyAll } from './restore/clickhouse.ts';
import { beginElasticsearch, restoreElasticsearch } from './restore/elasticsearch.ts';
import { restoreHive } from './restore/hive.ts';
import { finishKafka, goOnWithKafka, isKafkaLost, judgeKafka, requireOwnKafka } from './restore/kafka.ts';
import { comparedSince } from './restore/send_again.ts';
import { lacksText } from './text/restore.ts';
import { notBroughtBack, surveyText } from './text/restore_clickhouse.ts';
import { KAFKA_LOST, kafkaText } from './text/restore_kafka.ts';

interface Options {
  register?: true;
  discardClickhouse?: true;
  newKafka?: true;
  dryRun?: true;
  from?: string;
  json?: true;
}

export const restoreCommand = (): Command =>
  new Command('restore')
    .option('--register', 'instead bring the register forward to what its copies in ClickHouse have')
    .option('--discard-clickhouse', 'first empty a ClickHouse that a role has found to be an older copy')
    .option(
      '--new-kafka',
      'Kafka is lost for good: go on with the empty one that is there, and give up what only the other had',
    )
    .option('--dry-run', 'only show what would be brought back, about how long it takes, and what is lost')
    .option(
      '--from <folder>',
      'also bring back what the newest backup there has and ClickHouse and Kafka have not; with --register, before the first start of a new machine, its register and checkpoints',
    )
    .option('--json', 'print one JSON document')
    .action(async (options: Options) => {
      const config = await readPlatformConfig(process.env);
      if (options.register && options.from !== undefined) await ofFolders(config, options.from, options);
      else if (options.register) await ofRegister(config, options);
      else if (options.dryRun) await survey(config, options);
      else await ofEngines(config, options);
    });

async function survey(config: Config, { json, from }: Options): Promise<void> {
  const state = await clickHouseState(config);
  const kinds = await surveyAll(config);
  const isLost = await isKafkaLost(config);
  const text = json
    ? `${JSON.stringify({ state, kafka_lost: isLost, kinds, not_brought_back: notBroughtBack(from) })}\n`
    : `${isLost ? KAFKA_LOST : ''}${surveyText(state, kinds, notBroughtBack(from))}`;
  process.stdout.write(text);
}

async function ofEngines(config: Config, { discardClickhouse, newKafka, json, from }: Options): Promise<void> {
  if (from !== undefined) await checkBackup(config, from);
  const startedMs = performance.now();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  // Refused, it leaves nothing on record.
  const givingUp = await judgeKafka(config, newKafka === true, say);
  if (discardClickhouse) await discardClickHouse(config, say);
  const before = await clickHouseState(config);
  const progress = progressOf('restore', json === true);
  // An empty ClickHouse is taken from now on, whatever is waited for first: a platform starts all engines at once.
  if (before !== 'whole') await beginRestore(openRegister(config), 'clickhouse', Date.now());
  // Before the indexer may start.
  await beginElasticsearch(config);
  const goneOn = givingUp === null ? null : await goOnWithKafka(config, givingUp, progress.log, say);
  if (goneOn === null) await requireOwnKafka(config, say);
  const isIndexNew = await restoreElasticsearch(config, say);
  const { withheld, filled: kafka } = await restoreClickHouse(config, {
    log: progress.log,
    say,
    neededSince: (event) => (goneOn === null ? undefined : comparedSince(goneOn.since, event)),
    whenFilled: async () => (goneOn === null ? null : finishKafka(config, progress.log, goneOn)),
  });
  const hiveRuns = await restoreHive(config, progress.log, say);
  const records = from === undefined ? [] : await bringRecordsBack(config, from, progress.log);
  progress.clear();
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  if (kafka !== null && !json) process.stdout.write(kafkaText(kafka.logs, kafka.resent, kafka.lost));
  if (hiveRuns > 0 && !json) process.stdout.write(`${hiveRuns} runs are visible in Hive again\n`);
  if (isIndexNew && !json)
    process.stdout.write('Elasticsearch is filled from now on: days before are answered from ClickHouse\n');
  if (json)
    process.stdout.write(
      `${JSON.stringify({ restored: before !== 'whole', kafka, elasticsearch: isIndexNew, hive_runs: hiveRuns, records, seconds, withheld })}\n`,
    );
  else if (before === 'whole') process.stdout.write('ClickHouse has what it had: nothing was brought back\n');
  else process.stdout.write(`ClickHouse has what it had, after ${seconds} s\n`);
  if (!json)
    for (const { part, rows } of records) process.stdout.write(`${part}: ${rows} lines brought back from the backup\n`);
  if (withheld.length === 0) return;
  process.exitCode = 1;
  if (json) return;
  for (const { event, day, run, why } of withheld) {
    process.stdout.write(
      `not brought back: run ${run} of ${day} (${PLURAL[event]}): ${why}; if it is the current one, its answers are 503 until ` +
        `"./clickledger rebuild" has counted the day again\n`,
    );
  }
}

async function ofFolders(config: Config, from: string, { dryRun, json }: Options): Promise<void> {
  if (dryRun) throw new Error('--from: with --register there is no --dry-run: what is there is left as it is');
  const done = await bringFoldersBack(config, from);
  if (json) process.stdout.write(`${JSON.stringify(done)}\n`);
  else {
    const said = (isBack: boolean, what: string, folder: string): string =>
      isBack ? `${what} brought back into ${folder}\n` : `${what}: ${folder} is not empty and stays as it is\n`;
    process.stdout.write(said(done.register, 'register', config.registerDir));
    process.stdout.write(said(done.checkpoints, 'checkpoints', checkpointsOf(config.dataDir)));
  }
}

async function ofRegister(config: Config, { dryRun, json }: Options): Promise<void> {
  const found: (RegisterLacks & { event: EventKind })[] = [];
  for (const event of config.eventKinds)
    found.push({ event, ...(await registerOfKind(config, event, dryRun === true)) });
  if (json) process.stdout.write(`${JSON.stringify(together(found))}\n`);
  else process.stdout.write(found.map((lacks) => lacksText(lacks, dryRun === true, lacks.event)).join(''));
  if (found.some(({ differing, onlyInHive }) => differing.length + onlyInHive.length > 0)) process.exitCode = 1;
}

async function registerOfKind(config: Config, event: EventKind, isDryRun: boolean): Promise<RegisterLacks> {
  const clickhouse = clickHouseOf(config, event);
  const ledger = {
    event,
    archiveDir: archiveDirOf(config, event),
    clickhouse,
    register: openRegisterOf(config, event),
  };
  try {
    const found = await lacks(ledger);
    if (!isDryRun) await bringRegisterForward(ledger, found);
    return found;
  } finally {
    await clickhouse.close();
  }
}

/** The findings of all kinds as one, each with its kind. */
function together(found: (RegisterLacks & { event: EventKind })[]) {
  const all = <T>(of: (lacks: RegisterLacks) => T[]) =>
    found.flatMap((lacks) => of(lacks).map((one) => ({ event: lacks.event, ...one })));
  return {
    events: all(({ events }) => events),
    filters: found.flatMap(({ filters }) => filters),
    names: found.flatMap(({ names }) => names),
    differing: all(({ differing }) => differing),
    onlyInHive: all(({ onlyInHive }) => onlyInHive),
  };
}
