import { existsSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PLURAL } from '../domain/event_kinds.ts';
import { writeTemplate } from '../infra/embedded/template.ts';
import type { LineFormat } from '../infra/traffic/lines.ts';
import { even, writeLog } from './clicks.ts';
import { untilInTopic } from './path.ts';
import type { Running } from './process.ts';
import type { BenchSite } from './site.ts';
import type { Benchmark, Round } from './types.ts';
import { meter } from './usage.ts';

const RSYSLOGD = '/usr/sbin/rsyslogd';
const PARSES = new URL('rsyslog/parses.conf', import.meta.url);
const SHIPS = new URL('rsyslog/ships.conf', import.meta.url);

/** Starts a program that follows the logs of a folder and sends their lines to the topic. */
type Follow = (logs: string, dataDir: string) => Promise<Running>;

export const tail: Benchmark = {
  name: 'tail',
  about: 'log files → Kafka by an idempotent producer, beside rsyslog',
  sides: {
    ours: 'the log monitor: each field checked, placed by event id, never lost between file and broker',
    peer: 'rsyslog (imfile, omkafka): no field checked; after a kill each file is read from its beginning',
  },
  engines: ['kafka'],
  // Some seconds: what a monitor does once at its start must not weigh as much as the lines.
  rows: 3_000_000,
  takesAds: true,
  takesFormat: true,
  async prepare(site, { rows, ads, format }) {
    if (!existsSync(RSYSLOGD)) throw new Error(`no ${RSYSLOGD}: infra/setup/apt-packages.sh installs it`);
    const text = await writeLines(site, rows, ads, 'text');
    const lines = format === 'text' ? text : await writeLines(site, rows, ads, format);
    const roundOf =
      (name: string, follow: Follow, read = lines) =>
      () =>
        oneRound(site, name, follow, read);
    const rsyslog = (config: URL) =>
      roundOf('rsyslogd', async (logs, dataDir) => startRsyslog(site, config, logs, dataDir));
    const ingest: Follow = (logs, dataDir) => site.startRole('ingest', dataDir, { LOG_GLOB: join(logs, '*.log') });
    const ships = { 'ships lines unread, without a key': rsyslog(SHIPS) };
    const ours = roundOf('ingest', ingest);
    // Its rules are for text lines.
    if (format === 'text') return { ours, peer: { 'parses lines into JSON, keyed by ad': rsyslog(PARSES), ...ships } };
    return {
      ours,
      peer: ships,
      others: { 'the log monitor, the same events as text': roundOf('ingest', ingest, text) },
    };
  },
  targets: ({ ours, peer, ratio }) => [
    { what: 'lines/s', value: ours.rows_per_second, atLeast: 100_000 },
    { what: `lines/s, ours ÷ rsyslog that ${peer.name}`, value: ratio, atLeast: 0.6 },
  ],
};

/** A log of one line, and one of all. */
interface Lines {
  first: string;
  all: string;
  rows: number;
}

async function writeLines(site: BenchSite, rows: number, ads: number, format: LineFormat): Promise<Lines> {
  const [first, all] = ['first', 'all'].map((name) => join(site.folder, 'lines', format, `${name}.log`)) as [
    string,
    string,
  ];
  await writeLog(first, 1, even(ads), { format });
  await writeLog(all, rows, even(ads), { format });
  return { first, all, rows };
}

async function oneRound(site: BenchSite, name: string, follow: Follow, { first, all, rows }: Lines): Promise<Round> {
  await site.emptyTopics();
  const dataDir = site.newFolder();
  const logs = join(dataDir, 'logs');
  mkdirSync(logs);
  const follower = await follow(logs, dataDir);
  // One line first: it proves that the folder is followed and the broker reachable.
  linkSync(first, join(logs, 'first.log'));
  await untilInTopic(site, follower, 1);
  const used = meter({ [name]: follower.pid, ...site.engines });
  linkSync(all, join(logs, 'all.log'));
  await untilInTopic(site, follower, 1 + rows);
  const phase = { name: 'tail', rows, ...used() };
  await follower.stop();
  return { phases: [phase], facts: {} };
}

function startRsyslog(site: BenchSite, config: URL, logs: string, dataDir: string): Running {
  const file = writeTemplate(config, dataDir, {
    FOLDER: dataDir,
    LOGS: join(logs, '*.log'),
    BROKER: site.urls.kafka.brokers.join(','),
    TOPIC: PLURAL.click,
  });
  return site.start('rsyslogd', dataDir, {
    file: RSYSLOGD,
    args: ['-n', '-f', file, '-i', join(dataDir, 'rsyslogd.pid')],
    env: process.env,
    cwd: dataDir,
  });
}
