import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { minutesIndex, minutesIndexes, minutesName, runSource } from '../../domain/names.ts';
import { dayOf } from '../../domain/time.ts';
import { rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { readConfig } from '../../infra/config.ts';
import { openFindings } from '../../infra/register/findings.ts';
import type { Register } from '../../infra/register/register.ts';
import { waitUntil } from '../../infra/wait.ts';
import { clicksOfDay, countInRealtime, startTestArchive, TestArchive } from '../../test/support/batch.ts';
import { testDays } from '../../test/support/days.ts';
import { DayBusyError, lockDay } from '../day/lock.ts';
import { type BatchEngines, withBatchHive } from '../run/engines.ts';
import { runsInHive } from '../run/hive_ledger.ts';
import { ledgerId, RegisterBehindError } from '../run/ledger_import.ts';
import { eventsIn, keyOfEvent, lastSeq } from '../run/ledger_row.ts';
import { bringRegisterForward, lacks } from '../run/restore_register.ts';
import { repairPublished } from './propagate.ts';
import { rebuildDay } from './rebuild.ts';

const urls = engineUrls(readConfig(inject('env')));
const DAY = dayOf(testDays());
const LIMIT_MS = 180_000;

const archive = new TestArchive(urls.kafka);
let engines: BatchEngines;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ engines, close } = await startTestArchive(archive, urls));
  await arrive(100, 'first');
}, LIMIT_MS);
afterAll(() => close());

async function arrive(clicks: number, prefix: string): Promise<void> {
  await countInRealtime(engines.clickhouse, await archive.send(clicksOfDay(DAY, clicks, `two-${prefix}`)));
  await archive.commit(engines.sinkGroup, await archive.ends());
}

const rebuild = (of: BatchEngines = engines) => rebuildDay(of, { day: DAY, reason: 'test', requestedBy: 'test' });

/** A rebuild by a process that is frozen before, or just after, it creates the event that publishes its run. */
async function rebuildFrozen(when: 'before' | 'after') {
  let thaw = (): void => {};
  const thawed = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  return new Promise<() => Promise<unknown>>((resolve, reject) => {
    const freeze = async (): Promise<void> => {
      resolve(() => {
        thaw();
        return outcome;
      });
      await thawed;
    };
    const register: Register = {
      ...engines.register,
      async create(key, value) {
        const isPoint = key.startsWith(`ledger/${DAY}/`) && JSON.stringify(value).includes('"state":"published"');
        if (isPoint && when === 'before') await freeze();
        const result = await engines.register.create(key, value);
        if (isPoint && when === 'after') await freeze();
        return result;
      },
    };
    const outcome = rebuild({ ...engines, register }).catch((error: unknown) => error);
    outcome.then(() => reject(new Error('it ended without having been frozen')));
  });
}

/** Takes the lock over as from a holder that nobody has heard of for over a minute; one that is frozen has no timers. */
async function takeLockOver(): Promise<void> {
  const folder = join(engines.archiveDir, 'locks', DAY);
  await waitUntil('the lock to be taken over', async () => {
    const longAgo = new Date(Date.now() - 61_000);
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), longAgo, longAgo);
    try {
      (await lockDay(engines, DAY)).release();
      return null;
    } catch (error) {
      return String(error);
    }
  });
}

interface Fact {
  seq: number;
  run: number;
  state: string;
}
const facts = (found: Fact[]): string[] => found.map(({ seq, run, state }) => `${seq}: run ${run} ${state}`).sort();
const inClickHouse = () =>
  rows<Fact>(engines.clickhouse, 'SELECT seq, run, state FROM ads.ledger WHERE date = {day:Date}', { day: DAY });

/** Every store shows this run, and the copies have exactly the register's events. */
async function expectRun(run: number): Promise<void> {
  const events = await eventsIn(engines.register, DAY);
  const published = events.filter(({ state }) => state === 'published').map((event) => event.run);
  expect(published).toEqual([...new Set(published)].sort((a, b) => a - b));
  expect(published.at(-1)).toBe(run);
  expect(facts(await inClickHouse())).toEqual(facts(events));
  expect(new Set(runsInHive(engines.archiveDir, DAY))).toEqual(new Set(events.map((event) => event.run)));
  const indexes = await engines.elasticsearch.indices.getAlias({ index: minutesIndexes('click', DAY) });
  const shown = Object.keys(indexes).filter((index) => minutesName('click') in (indexes[index]?.aliases ?? {}));
  expect(shown).toEqual([minutesIndex('click', DAY, runSource(run))]);
  const [hive] = await withBatchHive(engines, (hive) =>
    hive.rows<{ clicks: number }>(`SELECT sum(clicks) AS clicks FROM ads.clicks_per_minute WHERE dt = '${DAY}'`),
  );
  const current = events.findLast(({ state }) => state === 'published');
  expect(Number(hive?.clicks)).toBe(current?.clicks);
}

test(
  'a publisher that was frozen before it published is refused, and the newer run stays',
  async () => {
    const thaw = await rebuildFrozen('before');
    await arrive(20, 'second');
    await takeLockOver();
    expect(await rebuild()).toMatchObject({ run: 2, clicks: 120, state: 'published' });
    const outcome = await thaw();
    expect(outcome).toBeInstanceOf(DayBusyError);
    expect(outcome).toMatchObject({ message: expect.stringContaining('another process has recorded event') });
    await expectRun(2);
  },
  LIMIT_MS,
);

test(
  'a publisher that was frozen just after it published leaves copies and followers at the newer run',
  async () => {
    await arrive(30, 'third');
    const thaw = await rebuildFrozen('after');
    await arrive(5, 'fourth');
    await takeLockOver();
    expect(await rebuild()).toMatchObject({ run: 4, clicks: 155, state: 'published' });
    expect(await thaw()).toMatchObject({ run: 3, state: 'superseded' });
    await expectRun(4);
  },
  LIMIT_MS,
);

test(
  'what a kill left between register and copies is brought once, by whoever comes',
  async () => {
    const seq = (await lastSeq(engines.register, DAY)) + 1;
    const last = (await eventsIn(engines.register, DAY)).at(-1);
    await engines.register.create(keyOfEvent(DAY, seq), { ...last, seq, run: 9, state: 'previewed' });
    await Promise.all([repairPublished(engines), repairPublished(engines)]);
    expect((await inClickHouse()).filter((row) => row.seq === seq)).toEqual([{ seq, run: 9, state: 'previewed' }]);
    await expectRun(4);
  },
  LIMIT_MS,
);

test(
  'an older register publishes nothing until it is brought forward',
  async () => {
    const last = (await eventsIn(engines.register, DAY)).at(-1);
    const seq = (last?.seq ?? 0) + 1;
    const register = await ledgerId(engines.register, engines.clickhouse);
    await engines.clickhouse.insert({
      table: 'ads.ledger',
      values: [{ ...last, seq, run: 10, register }],
      format: 'JSONEachRow',
    });
    await expect(rebuild()).rejects.toThrow(RegisterBehindError);
    expect(await openFindings(engines.register)).toMatchObject([{ code: 'register_behind' }]);
    const { events, ...rest } = await lacks(engines);
    // Other tests have ledgers of their own in ads.ledger.
    const own = events.filter(({ date }) => date === DAY);
    expect(own).toMatchObject([{ seq, run: 10 }]);
    await bringRegisterForward(engines, { ...rest, events: own, filters: [] });
    expect(await openFindings(engines.register)).toEqual([]);
    expect(await rebuild()).toMatchObject({ run: 11, clicks: 155 });
    await expectRun(11);
  },
  LIMIT_MS,
);
