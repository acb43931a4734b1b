import { Command, InvalidArgumentError, Option } from 'commander';
import { REJECT_REASONS, type RejectReason } from '../domain/click/click.ts';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { groupsOf, TOPICS } from '../domain/names.ts';
import type { ClickHouseClient } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { type Admin, connectProducer, createKafka, type Kafka } from '../infra/clients/kafka.ts';
import { clickHouseOf } from '../infra/kinds.ts';
import { createLog } from '../infra/log.ts';
import { readPlatformConfig } from '../infra/platform_config.ts';
import { openRegister } from '../infra/register/open.ts';
import type { Register } from '../infra/register/register.ts';
import { AnnotationReaders, versionsByGroups } from '../ingest/annotation_readers.ts';
import { RedriveRecord, type Settled } from '../ingest/redrive/record.ts';
import { redrive } from '../ingest/redrive/redrive.ts';
import { Latest, Survey } from '../ingest/redrive/survey.ts';
import { readRejections } from '../ingest/redrive/topic.ts';
import { entry, entryText, reasonsText, resultText } from './text/rejected.ts';

const DEFAULT_LIMIT = 20;
const REPORT_EVERY_MS = 2_000;
/** Width if standard output is not a terminal. */
const COLUMNS = 160;

interface Options {
  reason?: RejectReason;
  limit?: number;
  redrive?: true;
  json?: true;
}

interface Engines {
  brokers: string[];
  kafka: Kafka;
  admin: Admin;
  /** The tables of each kind that is run. */
  clickhouses: ReadonlyMap<EventKind, ClickHouseClient>;
  register: Register;
}

const limitArgument = (text: string): number => {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 to 9999.');
  return Number(text);
};

export const rejectedCommand = (): Command =>
  new Command('rejected')
    .addOption(new Option('--reason <reason>', 'only those with one reason').choices(REJECT_REASONS))
    .addOption(
      new Option('--limit <n>', `list the latest n, whole (default with --reason: ${DEFAULT_LIMIT})`)
        .argParser(limitArgument)
        .conflicts('redrive'),
    )
    .option(
      '--redrive',
      'send again what is now a valid event, to the topic of its kind (all reasons, or the one given); safe to repeat',
    )
    .option('--json', 'print one JSON document')
    .action(async (options: Options) => {
      const config = await readPlatformConfig(process.env);
      const urls = engineUrls(config);
      const kafka = createKafka(urls.kafka, 'clickledger-rejected', createLog('rejected'));
      const admin = kafka.admin();
      const clickhouses = new Map(config.eventKinds.map((event) => [event, clickHouseOf(config, event)]));
      try {
        await admin.connect();
        const engines = { brokers: urls.kafka.brokers, kafka, admin, clickhouses, register: openRegister(config) };
        const { document, text } = await (options.redrive ? redriven : listed)(engines, options);
        process.stdout.write(options.json ? `${JSON.stringify(document)}\n` : text);
      } finally {
        await Promise.all([admin.disconnect(), ...[...clickhouses.values()].map((clickhouse) => clickhouse.close())]);
      }
    });

interface Answer {
  document: unknown;
  text: string;
}

async function listed(engines: Engines, { reason, limit }: Options): Promise<Answer> {
  const settled: Settled[] = [];
  for (const clickhouse of engines.clickhouses.values()) {
    settled.push(await new RedriveRecord(clickhouse, TOPICS.rejected).settled());
  }
  const survey = new Survey();
  const latest = new Latest(limit ?? DEFAULT_LIMIT);
  const report = reporter();
  let read = 0;
  await readRejections(engines, TOPICS.rejected, async (rejections) => {
    for (const rejection of rejections) {
      if (reason !== undefined && rejection.reason !== reason) continue;
      const isRedriven = settled.some((ofKind) => ofKind.has(rejection));
      survey.add(rejection, isRedriven);
      latest.add(rejection, isRedriven);
    }
    read += rejections.length;
    report(`${read} rejected ones read`);
  });
  const { reasons } = survey;
  const width = process.stdout.columns ?? COLUMNS;
  if (reason === undefined && limit === undefined) return { document: { reasons }, text: reasonsText(reasons, width) };
  return {
    document: { reasons, rejected: latest.all.map(({ rejection, redriven }) => ({ ...entry(rejection), redriven })) },
    text: latest.all.length === 0 ? 'nothing rejected\n' : latest.all.map(entryText).join(''),
  };
}

async function redriven({ brokers, clickhouses, register, ...engines }: Engines, { reason }: Options): Promise<Answer> {
  const producer = await connectProducer(engines.kafka);
  try {
    const destinations = [...clickhouses.keys()].map((event) => {
      return { event, topic: PLURAL[event], sinkGroup: groupsOf(event).sink };
    });
    const clickHouseOf = (event: EventKind): ClickHouseClient => {
      const found = clickhouses.get(event);
      if (found === undefined) throw new Error(`${event} is not run`);
      return found;
    };
    const annotations = await AnnotationReaders.open({
      register,
      kinds: [...clickhouses.keys()],
      versionsRead: versionsByGroups(engines.admin),
      log: createLog('rejected'),
    });
    const options = { ...(reason && { reason }), nowMs: Date.now(), report: reporter() };
    const places = { brokers, rejectedTopic: TOPICS.rejected, destinations };
    const result = await redrive({ ...engines, annotations, producer, clickHouseOf }, places, options);
    return { document: result, text: resultText(result) };
  } finally {
    await producer.disconnect();
  }
}

/** Progress for an interactive user: every two seconds on standard error. */
function reporter(): (progress: string) => void {
  let lastMs = Date.now();
  return (progress) => {
    if (Date.now() - lastMs < REPORT_EVERY_MS) return;
    lastMs = Date.now();
    process.stderr.write(`${progress}\n`);
  };
}
