import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Status } from '../../audit/status.ts';
import type { Click } from '../../domain/click/click.ts';
import { encodeEvent } from '../../domain/click/wire.ts';
import { EVENT_KINDS, type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { minutesName, TOPICS } from '../../domain/names.ts';
import type { RedriveResult } from '../../domain/run_request.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { connectProducer, createKafka } from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { reportFinding } from '../../infra/register/findings.ts';
import { openRegister } from '../../infra/register/open.ts';
import type { RenamePlan } from '../../realtime/rename/rename.ts';
import type { SetAsideDoc } from '../../serving/documents/set_aside.ts';
import { analystSql, clickledger, clickledgerJson, hiveRows } from '../support/client.ts';
import { rejectedLine, rejectedMessage } from '../support/rejected.ts';
import { secondPlatform } from '../support/started.ts';
import { eventually } from '../support/wait.ts';

/** Every command that is for one kind of event, with others than clicks. */
const LIMIT_MS = 300_000;
const DAY_START = Date.UTC(2019, 4, 6);
const [DAY, NEXT] = [dayOf(DAY_START), dayOf(DAY_START + DAY_MS)];
const AD = `operating-${randomUUID().slice(0, 8)}`;
const IMPRESSIONS = 40;
const env = await secondPlatform();
const config = readConfig(env);
const log = createLog('test');
log.level = 'error';
const kafka = createKafka(kafkaAddress(config), 'operating-kinds-test', log);
const cold = mkdtempSync(join(tmpdir(), 'clickledger-cold-kinds-'));
afterAll(() => rmSync(cold, { recursive: true, force: true }));

async function send(topic: string, messages: { key?: string; value: Buffer | string; partition?: number }[]) {
  const producer = await connectProducer(kafka);
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

const textOf = (prefix: string, n: number): string =>
  `[${prefix}] ${AD}, 2019-05-06 00:${String(n % 60).padStart(2, '0')}:00, user ${n}, 10.4.0.1, USA`;

async function rawOf(event: EventKind): Promise<number> {
  const [row] = await analystSql<{ n: string }>(
    env,
    `SELECT toString(count()) AS n FROM ads.${PLURAL[event]} WHERE ad_id = {ad:String}`,
    { ad: AD },
  );
  return Number(row?.n);
}

const written = (event: EventKind, rows: number): Promise<boolean> =>
  eventually(`${rows} ${PLURAL[event]}`, async () => (await rawOf(event)) === rows, 60_000);

function append(lines: string[]): void {
  mkdirSync(join(config.dataDir, 'logs'), { recursive: true });
  appendFileSync(join(config.dataDir, 'logs', 'operating.log'), lines.map((line) => `${line}\n`).join(''));
}

const rebuild = (...more: string[]) =>
  clickledgerJson<{ runs: { event: EventKind; run: number; clicks: number }[] }>(
    env,
    ...['rebuild', '--from', DAY, '--to', NEXT, '--reason', 'test', ...more],
  );

test('what was rejected goes to the topic of its kind, and is counted there once', { timeout: LIMIT_MS }, async () => {
  const event: Click = {
    event_id: `${AD}-c`,
    ad_id: AD,
    click_timestamp: DAY_START,
    user_id: 'u',
    ip: '10.4.0.2',
    country: 'USA',
  };
  const conversion = encodeEvent('conversion', event, new Map());
  await send(TOPICS.rejected, [
    rejectedLine(1, textOf('AdImpressionEvent', 1)),
    // The same fields as a click: not a copy.
    rejectedLine(2, `${textOf('AdImpressionEvent', 2)}, ${AD}-c`),
    rejectedLine(3, `${textOf('AdClickEvent', 2)}, ${AD}-c`),
    // A message of a kind that somebody sent to the topic of another.
    rejectedMessage('clicks-0', 1_000_000, conversion),
  ]);
  const first = await clickledgerJson<RedriveResult>(env, 'rejected', '--redrive');
  expect(first).toMatchObject({ sent: 4, copies: 0, settled_before: 0, not_run: 0 });
  expect(await clickledgerJson<RedriveResult>(env, 'rejected', '--redrive')).toMatchObject({
    sent: 0,
    settled_before: 4,
  });
  await written('impression', 2);
  await written('click', 1);
  await written('conversion', 1);
});

test('a run is made of one kind, and what is taken back has to be named', { timeout: LIMIT_MS }, async () => {
  append(Array.from({ length: IMPRESSIONS }, (_, n) => textOf('AdImpressionEvent', n)));
  await written('impression', 2 + IMPRESSIONS);
  const { runs } = await rebuild('--event', 'impression');
  expect(runs).toMatchObject([{ event: 'impression', run: 1, clicks: 2 + IMPRESSIONS }]);
  for (const args of [
    ['rollback', '--date', DAY, '--run', '1', '--reason', 'test'],
    ['rebuild', '--accept', '--from', DAY, '--to', NEXT, '--reason', 'test'],
  ]) {
    const { code, stderr } = await clickledger(env, ...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining('--event: say of which kind')]);
  }
});

test('a register that lacks events of one kind is brought forward', { timeout: LIMIT_MS }, async () => {
  const folder = join(config.registerDir, 'impressions', 'ledger', DAY);
  rmSync(join(folder, readdirSync(folder).sort().at(-1) ?? ''));
  const lacks = { events: [{ event: 'impression', date: DAY, state: 'published' }], differing: [], onlyInHive: [] };
  const restore = () => clickledger(env, 'restore', '--register', '--dry-run');
  expect(await clickledgerJson(env, 'restore', '--register', '--dry-run')).toMatchObject(lacks);
  expect((await restore()).stdout).toMatch(/^impressions: would be added: event \d+ of 2019-05-06: run 1 published$/m);
  expect(await clickledgerJson(env, 'restore', '--register')).toMatchObject(lacks);
  expect((await restore()).stdout).toBe(
    EVENT_KINDS.map((event) => (event === 'click' ? '' : `${PLURAL[event]}: `))
      .map((of) => `${of}the register has everything that its copies have\n`)
      .join(''),
  );
});

test('messages of its second queue that cannot be read are listed and settled', { timeout: LIMIT_MS }, async () => {
  const topic = minutesName('impression');
  await send(topic, [{ value: 'not ours', partition: 0 }]);
  const listed = () => clickledgerJson<SetAsideDoc & { left: number }>(env, 'set-aside');
  await eventually('one is set aside', async () => (await listed()).total === 1);
  expect(await listed()).toMatchObject({ messages: [{ topic, partition: 0 }], left: 1 });
  const { warnings } = await clickledgerJson<Status>(env, 'status');
  expect(warnings).toContainEqual(expect.objectContaining({ event: 'impression', warning: 'messages_set_aside' }));
  const settle = (event: EventKind) => clickledgerJson(env, 'set-aside', '--settle', '--event', event);
  expect(await settle('click')).toMatchObject({ total: 0, left: 0 });
  expect((await listed()).left).toBe(1);
  expect(await settle('impression')).toMatchObject({ total: 1, left: 0 });
});

test('old days of each kind move to a folder of their own, and are counted there', { timeout: LIMIT_MS }, async () => {
  // What is counted is archived.
  await rebuild();
  const { days, busy } = await clickledgerJson<{ days: { event: EventKind; date: string; to: string }[]; busy: [] }>(
    env,
    ...['archive', 'move', '--before', NEXT, '--to', cold],
  );
  expect(busy).toEqual([]);
  expect(days.filter(({ date }) => date === DAY).map(({ event, to }) => [event, to])).toEqual([
    ['click', cold],
    ['impression', join(cold, 'impressions')],
    ['conversion', join(cold, 'conversions')],
  ]);
  const [raw] = await hiveRows(env, `SELECT CAST(count(*) AS STRING) AS n FROM ads.impressions WHERE dt = '${DAY}'`);
  expect(raw).toEqual({ n: String(2 + IMPRESSIONS) });
  const { runs } = await rebuild();
  expect(runs.map(({ event, run, clicks }) => [event, run, clicks])).toEqual([
    ['click', 2, 1],
    ['impression', 3, 2 + IMPRESSIONS],
    ['conversion', 2, 1],
  ]);
});

test('a partition goes on under a new name', { timeout: LIMIT_MS }, async () => {
  const partition = ['--partition', 'impressions-0'];
  expect(await clickledgerJson(env, 'archive', 'skip', ...partition, '--dry-run')).toEqual({
    partition: 'impressions-0',
    gap: null,
  });
  const other = await clickledger(env, 'continue', '--partition', 'ad-minutes-0', '--dry-run');
  expect(other.stderr).toContain('ad-minutes is none of clicks, impressions, conversions');

  const pidOf = async (): Promise<number | null | undefined> =>
    (await clickledgerJson<Status>(env, 'status')).processes.find(
      ({ name, state }) => name === 'realtime' && state === 'ready',
    )?.pid;
  const counted = await clickledger(env, 'continue', ...partition, '--reason', 'test');
  expect([counted.code, counted.stderr]).toEqual([1, expect.stringContaining('impressions-0 is counted as usual')]);
  // As if the sink had stopped it.
  const stopped = { code: 'log_cut', what: 'test', mend: 'test', range: null, found_at: new Date().toISOString() };
  await reportFinding(openRegister(readConfig(env)), 'sink-impressions-0', stopped);
  const old = await pidOf();
  const plan = await clickledgerJson<RenamePlan>(env, 'continue', ...partition, '--reason', 'test');
  expect(plan).toMatchObject({ name: 'impressions-0', next: 'impressions~2-0', from: plan.high });
  // It takes the name up by starting again.
  await eventually('the sink starts again', async () => ![old, null, undefined].includes(await pidOf()), 60_000, 500);
  const before = await rawOf('impression');
  append(Array.from({ length: 5 }, (_, n) => textOf('AdImpressionEvent', 50 + n)));
  await written('impression', before + 5);
  const [named] = await analystSql<{ n: string }>(
    env,
    `SELECT toString(count()) AS n FROM ads.impressions WHERE topic_partition = 'impressions~2-0' AND ad_id = '${AD}'`,
  );
  expect(named).toEqual({ n: '5' });
});

test('nothing was lost by any of it, and rules name the events of their kind', { timeout: LIMIT_MS }, async () => {
  const status = await eventually(
    'conservation holds for every kind',
    async () => {
      const found = await clickledgerJson<Status>(env, 'status');
      return found.conservation.every(({ ok }) => ok) && found;
    },
    60_000,
    1_000,
  );
  for (const event of EVENT_KINDS) {
    const rules = status.conservation.filter((rule) => rule.event === event).map(({ rule }) => rule);
    const others = EVENT_KINDS.filter((kind) => kind !== event).map((kind) => PLURAL[kind]);
    expect(rules).toContain(`raw rows = ${PLURAL[event]} in minutes by ad`);
    for (const rule of rules) for (const other of others) expect(rule).not.toContain(other);
  }
});
