import { Command } from 'commander';
import { chainEnd } from '../batch/archive/files/manifest.ts';
import { requestFlush } from '../batch/archive/requests.ts';
import { groupsOf, placeOf } from '../domain/names.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { createKafka } from '../infra/clients/kafka.ts';
import { archiveDirOf, clickHouseOf } from '../infra/kinds.ts';
import { createLog } from '../infra/log.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { openFindings } from '../infra/register/findings.ts';
import { openRegister } from '../infra/register/open.ts';
import { settleLeft } from '../infra/register/partition_findings.ts';
import { readPartitionNames } from '../infra/register/partition_names.ts';
import type { Register } from '../infra/register/register.ts';
import { waitUntil } from '../infra/wait.ts';
import { planRename, rename } from '../realtime/rename/rename.ts';
import { askedBy } from './arguments/asked_by.ts';
import { kindOfTopic } from './arguments/event.ts';
import { partitionArgument } from './arguments/partition.ts';
import { continueText } from './text/continue.ts';

interface Options {
  partition: { topic: string; partition: number };
  reason?: string;
  dryRun?: true;
  json?: true;
}

const STALL_MS = 60_000;

export const continueCommand = (): Command =>
  new Command('continue')
    .requiredOption('--partition <name>', 'topic and partition, such as clicks-0 or impressions-0', partitionArgument)
    .option('--reason <text>', 'why; recorded')
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--json', 'print one JSON document')
    .action(async ({ partition: place, reason, dryRun, json }: Options) => {
      const config = await readPlatformConfig(process.env);
      const { topic, partition } = place;
      const event = kindOfTopic(config, topic);
      if (reason === undefined && !dryRun) throw new Error('--reason is missing: why the partition has to go on so');
      const log = createLog('continue');
      const kafka = createKafka(engineUrls(config).kafka, 'clickledger-continue', log);
      const [admin, clickhouse, register] = [kafka.admin(), clickHouseOf(config, event), openRegister(config)];
      await admin.connect();
      try {
        const engines = { kafka, admin, clickhouse, register, sinkGroup: groupsOf(event).sink };
        const plan = await planRename(engines, topic, partition);
        if (!dryRun) {
          // A kill may have left what was found wrong with a log that goes on under this name.
          for (const name of (await readPartitionNames(register)).all(topic, partition).slice(0, -1))
            await settleLeft(register, name, `goes on as ${plan.name}`);
          await refuseIfCounted(register, plan.name);
          await archivedUpTo(archiveDirOf(config, event), plan.name, plan.from);
          const asked = { reason: reason ?? '', requestedBy: askedBy(), nowMs: Date.now() };
          await rename(engines, plan, asked);
          await settleLeft(register, plan.name, `goes on as ${plan.next}`);
        }
        process.stdout.write(json ? `${JSON.stringify(plan)}\n` : continueText(plan, dryRun === true));
      } finally {
        await Promise.all([admin.disconnect(), clickhouse.close()]);
      }
    });

/** A sink that still counts the partition would count its next messages under the old name, and the next one again. */
async function refuseIfCounted(register: Register, name: string): Promise<void> {
  if ((await openFindings(register)).some((found) => found.name === `sink-${name}`)) return;
  throw new Error(
    `--partition: ${name} is counted as usual, and goes on under its name; one that the sink has stopped is named by "./clickledger status"`,
  );
}

/** What was counted under the old name is archived under it too: under the new one nobody looks for it. */
async function archivedUpTo(archiveDir: string, name: string, from: number): Promise<void> {
  const { topic, partition } = placeOf(name);
  const takeBack = requestFlush(archiveDir, `continue-${name}`, { [name]: from });
  const ask = async () => {
    const left = from - (chainEnd(archiveDir, topic, partition) ?? 0);
    return left <= 0 ? null : `${left} messages to go`;
  };
  const onProgress = (line: string): void => void process.stderr.write(`clickledger: ${line}\n`);
  await waitUntil(`the archive role to write ${name} up to ${from}`, ask, { stallMs: STALL_MS, onProgress }).finally(
    takeBack,
  );
}
