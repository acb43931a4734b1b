import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DAY_MS, dayOf } from '../../../domain/time.ts';
import { engineUrls } from '../../../infra/clients/engines.ts';
import { connectHive, type Hive } from '../../../infra/clients/hive.ts';
import { readConfig } from '../../../infra/config.ts';
import { hiveSettings } from '../../../infra/engine_settings/addresses.ts';
import { waitUntil } from '../../../infra/wait.ts';
import { clicksOfDay, countInRealtime, startTestArchive, TestArchive } from '../../../test/support/batch.ts';
import { clickledger } from '../../../test/support/client.ts';
import { testDays } from '../../../test/support/days.ts';
import { startHdfs } from '../../../test/support/hdfs.ts';
import { FORBIDDEN_BUCKET, startS3 } from '../../../test/support/s3.ts';
import { lockDay } from '../../day/lock.ts';
import { rebuildDay } from '../../rebuild/rebuild.ts';
import type { BatchEngines } from '../../run/engines.ts';
import { batchRuns } from '../../run/ledger.ts';
import { followInHive } from '../hive_days.ts';
import { readDayLocation } from './day_location.ts';
import { moveDay, moveDays } from './move.ts';

const env = inject('env');
const s3Port = inject('s3Port');
const urls = engineUrls(readConfig(env));
const FIRST_DAY_MS = testDays(11);
const [MOVED, KILLED, KEPT] = [0, 1, 2].map((n) => dayOf(FIRST_DAY_MS + n * DAY_MS)) as [string, string, string];

const archive = new TestArchive(urls.kafka);
const { archiveDir, log } = archive;
const folder = mkdtempSync(join(tmpdir(), 'clickledger-cold-'));
const [cold, colder] = [join(folder, 'cold'), join(folder, 'colder')];
let engines: BatchEngines;
let close: () => Promise<void>;
let hive: Hive;

beforeAll(async () => {
  ({ engines, close } = await startTestArchive(archive, urls));
  hive = await connectHive(urls.hive, log);
});
afterAll(async () => {
  await hive.close();
  await close();
  rmSync(folder, { recursive: true, force: true });
});

async function arrive(day: string, count: number, prefix: string): Promise<void> {
  await countInRealtime(engines.clickhouse, await archive.send(clicksOfDay(day, count, prefix)));
  await archive.commit(engines.sinkGroup, await archive.archived());
}

const rebuild = (day: string) => rebuildDay(engines, { day, reason: 'test', requestedBy: 'test' });

const inHive = async (day: string): Promise<number> => {
  const [row] = await hive.rows<{ clicks: number }>(`SELECT count(*) AS clicks FROM ads.clicks WHERE dt = '${day}'`);
  return Number(row?.clicks);
};

const filesAt = (root: string, day: string): string[] => {
  const at = join(root, `dt=${day}`);
  return existsSync(at) ? readdirSync(at).sort() : [];
};
const own = (day: string) => filesAt(join(archiveDir, 'clicks'), day);

/** Like the archive role, until everything is done. */
async function follow(day: string): Promise<void> {
  const follower = followInHive(archive, () => connectHive(urls.hive, log), log);
  await waitUntil(`late files of ${day} to follow`, async () =>
    own(day).length === 0 ? null : `${own(day).length} left`,
  );
  await follower.stop();
}

const site = () => ({ archiveDir, register: archive.register, hive, log });
const move = (before: string, to: string) => moveDays(site(), { before, to }, () => {});

describe('a moved day', () => {
  it('is read by Hive and rebuilt from its new place, and a repeated move does nothing', async () => {
    await arrive(MOVED, 200, 'cold');
    expect(await rebuild(MOVED)).toMatchObject({ run: 1, clicks: 200 });
    const before = own(MOVED);
    expect(await move(KILLED, cold)).toEqual([]);
    expect(own(MOVED)).toEqual([]);
    expect(filesAt(cold, MOVED)).toEqual(before);
    expect(readDayLocation(archiveDir, MOVED)).toEqual({ location: cold, before: null, settled: true });
    expect(await inHive(MOVED)).toBe(200);
    expect(await rebuild(MOVED)).toMatchObject({ run: 2, state: 'published', clicks: 200 });
    const again: unknown[] = [];
    await moveDays(site(), { before: KILLED, to: cold }, (moved) => again.push(moved));
    expect(again).toEqual([]);
  });

  it('gets its late clicks too: Hive shows them with the others, and the next run counts them', async () => {
    await arrive(MOVED, 30, 'cold-late');
    expect(own(MOVED).length).toBeGreaterThan(0);
    await follow(MOVED);
    expect(await inHive(MOVED)).toBe(230);
    expect(await rebuild(MOVED)).toMatchObject({ run: 3, clicks: 230, late_included: 30 });
  });

  it('is counted with recently archived clicks that have not been moved yet', async () => {
    await arrive(MOVED, 20, 'cold-later');
    expect(await rebuild(MOVED)).toMatchObject({ run: 4, clicks: 250, late_included: 20 });
    expect(own(MOVED)).toEqual([]);
    expect(await inHive(MOVED)).toBe(250);
  });

  it('moves again, late clicks included, and nothing is left behind', async () => {
    await arrive(MOVED, 10, 'cold-last');
    expect(await move(KILLED, colder)).toEqual([]);
    expect([own(MOVED), filesAt(cold, MOVED)]).toEqual([[], []]);
    expect(await inHive(MOVED)).toBe(260);
    expect(await rebuild(MOVED)).toMatchObject({ run: 5, clicks: 260 });
  });

  it('with a file that differs from its manifest fails naming it, and stays published as it was', async () => {
    const path = join(colder, `dt=${MOVED}`, filesAt(colder, MOVED)[0] ?? '');
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(1));
    await expect(rebuild(MOVED)).rejects.toThrow(path);
    expect((await batchRuns(engines.clickhouse, MOVED)).map(({ state }) => state).slice(-2)).toEqual([
      'published',
      'failed',
    ]);
    writeFileSync(path, whole);
    rmSync(path);
    await expect(rebuild(MOVED)).rejects.toThrow(`${path} is missing`);
    writeFileSync(path, whole);
    expect(await rebuild(MOVED)).toMatchObject({ run: 8, state: 'published', clicks: 260 });
  }, 200_000);
});

describe('a move that is killed', () => {
  it.each(['copied', 'recorded'] as const)(
    'when the day is %s: all clicks stay visible, and a repeated move completes it',
    async (step) => {
      const day = step === 'copied' ? KILLED : KEPT;
      await arrive(day, 100, 'cold-killed');
      await rebuild(day);
      const lock = await lockDay(archive, day);
      const killed = moveDay(site(), day, cold, lock, (done) => {
        if (done === step) throw new Error(`killed when ${done}`);
      });
      await expect(killed).rejects.toThrow(`killed when ${step}`);
      lock.release();
      expect(filesAt(cold, day)).toEqual(own(day));
      expect(await inHive(day)).toBe(100);
      expect(await rebuild(day)).toMatchObject({ run: 2, clicks: 100 });
      expect(await move(dayOf(FIRST_DAY_MS + 3 * DAY_MS), cold)).toEqual([]);
      expect(own(day)).toEqual([]);
      expect(await inHive(day)).toBe(100);
    },
    200_000,
  );

  it('skips a day that is locked, and names it', async () => {
    const lock = await lockDay(archive, KILLED);
    const busy = await move(KEPT, colder);
    lock.release();
    expect(busy).toEqual([expect.stringContaining(`${KILLED} is being worked on by process`)]);
    expect(filesAt(cold, KILLED).length).toBeGreaterThan(0);
  });
});

/** Its days come after all others', which the command moves. */
const BEYOND = {
  HDFS: { days: [4, 5, 6], start: startHdfs },
  S3: { days: [7, 8, 9], start: () => startS3(s3Port) },
};

// An external Hive is not configured for S3.
const REACHED = process.env.HIVE_URL ? (['HDFS'] as const) : (['HDFS', 'S3'] as const);

describe.each(REACHED)('%s', (name) => {
  const [moved, ...killed] = BEYOND[name].days.map((n) => dayOf(FIRST_DAY_MS + n * DAY_MS)) as [string, string, string];
  let beyond: { uri: string; stop(): Promise<void> };
  let at: string;
  beforeAll(async () => {
    beyond = await BEYOND[name].start();
    at = `${beyond.uri}/clicks/old`;
  });
  afterAll(() => beyond?.stop());

  const moveTo = async (day: string, to: string, onStep?: (step: string) => void) => {
    const lock = await lockDay(archive, day);
    return moveDay(site(), day, to, lock, onStep).finally(() => lock.release());
  };
  /** Without what other sessions of Hive print at the same time. */
  const listed = async (folder: string) =>
    (await hive.rows<Record<string, string>>(`dfs -ls -C ${folder}`))
      .map((row) => Object.values(row)[0] as string)
      .filter((line) => line.startsWith(`${folder}/`));

  it('holds a day like a folder does: Hive, late clicks, rebuilds, and back', async () => {
    await arrive(moved, 120, `cold-${name}`);
    expect(await rebuild(moved)).toMatchObject({ run: 1, clicks: 120 });
    expect(await moveTo(moved, at)).toMatchObject({ date: moved, files: 3, to: at });
    expect(own(moved)).toEqual([]);
    const [partition] = (
      await hive.rows<Record<string, string>>(`DESCRIBE FORMATTED ads.archived_clicks PARTITION (dt = '${moved}')`)
    ).filter((row) => Object.values(row)[0]?.startsWith('Location'));
    expect(Object.values(partition ?? {})[1]).toContain(`${at}/dt=${moved}`);
    expect(await inHive(moved)).toBe(120);

    await arrive(moved, 15, `cold-${name}-late`);
    await follow(moved);
    expect(await inHive(moved)).toBe(135);
    expect(await rebuild(moved)).toMatchObject({ run: 2, clicks: 135, late_included: 15 });
    expect(readdirSync(join(archiveDir, 'fetched'))).toEqual([]);

    const [file] = (await listed(`${at}/dt=${moved}`)) as [string];
    await hive.rows(`dfs -mv ${file} ${beyond.uri}/elsewhere`);
    await expect(rebuild(moved)).rejects.toThrow(/(hdfs|s3a):.* is missing; its manifest says/);
    await hive.rows(`dfs -mv ${beyond.uri}/elsewhere ${file}`);

    await moveTo(moved, cold);
    expect(await listed(`${at}/dt=${moved}`)).toEqual([]);
    expect(await inHive(moved)).toBe(135);
  }, 400_000);

  it.each(['copied', 'recorded'] as const)(
    'keeps all clicks of a move that is killed when the day is %s, and a repeated move completes it',
    async (step) => {
      const day = killed[step === 'copied' ? 0 : 1] as string;
      await arrive(day, 60, `cold-${name}-killed`);
      await rebuild(day);
      const cutOff = moveTo(day, at, (done) => {
        if (done === step) throw new Error(`killed when ${done}`);
      });
      await expect(cutOff).rejects.toThrow(`killed when ${step}`);
      expect((await listed(`${at}/dt=${day}`)).map((path) => basename(path))).toEqual(own(day));
      expect(await inHive(day)).toBe(60);
      expect(await moveTo(day, at)).toMatchObject({ date: day, files: 3 });
      expect(own(day)).toEqual([]);
      expect(await inHive(day)).toBe(60);
      expect(await rebuild(day)).toMatchObject({ run: 2, clicks: 60 });
    },
    200_000,
  );
});

describe.skipIf(process.env.HIVE_URL)('an unusable S3', () => {
  const day = dayOf(FIRST_DAY_MS + 10 * DAY_MS);
  it.each([
    ['a missing bucket', 's3a://missing/clicks', /s3a:\/\/missing\/clicks.*bucket does not exist/i],
    ['a wrong secret', `s3a://${FORBIDDEN_BUCKET}/clicks`, /s3a:\/\/forbidden\/clicks.*403/],
  ])('%s: the move says so, and the day stays as it is', async (_, to, why) => {
    const s3 = await startS3(s3Port);
    try {
      await arrive(day, 5, 'cold-refused');
      const before = own(day);
      const lock = await lockDay(archive, day);
      await expect(moveDay(site(), day, to, lock).finally(() => lock.release())).rejects.toThrow(why);
      expect(own(day)).toEqual(before);
      expect(readDayLocation(archiveDir, day)).toBe(null);
    } finally {
      await s3.stop();
    }
  });
});

describe('clickledger archive move', () => {
  const dataDir = join(folder, 'data');
  const settings = { ...env, ...hiveSettings(urls.hive), DATA_DIR: dataDir };
  const run = (...args: string[]) => clickledger(settings, 'archive', 'move', ...args);
  beforeAll(() => {
    mkdirSync(dataDir);
    symlinkSync(archiveDir, join(dataDir, 'archive'));
  });

  it('moves the days before a date, says where they are, and has nothing left to do', async () => {
    const target = join(folder, 'coldest');
    const first = await run('--before', KILLED, '--to', target, '--json');
    expect(first, first.stderr).toMatchObject({ code: 0 });
    const files = filesAt(target, MOVED);
    expect(JSON.parse(first.stdout)).toEqual({
      days: [{ event: 'click', date: MOVED, files: files.length, bytes: expect.any(Number), to: target }],
      busy: [],
    });
    expect(await inHive(MOVED)).toBe(260);
    const second = await run('--before', KILLED, '--to', target);
    expect(second).toMatchObject({ code: 0, stdout: `no day before ${KILLED} is left to move\n` });
  });

  it.each([
    [['--before', '2999-01-01', '--to', '/cold'], /--before: 2999-01-01 is in the future/],
    [['--before', dayOf(Date.now()), '--to', '/cold'], /--before: .* is today/],
    [['--before', '2021-02-30', '--to', '/cold'], /Expected a day such as 2021-01-31/],
    [['--before', '2021-01-01', '--to', 'cold'], /"cold" is not an absolute path/],
    [['--before', '2021-01-01', '--to', join(dataDir, 'archive', 'cold')], /lies inside the archive/],
    [['--before', '2021-01-01', '--to', '/proc/cold'], /--to: cannot write to \/proc\/cold/],
    [['--before', '2021-01-01'], /required option '--to <location>' not specified/],
  ])('%j: %s', async (args, said) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(said);
    expect(existsSync('/cold')).toBe(false);
  });
});

it('had no fatal error', () => expect(archive.fatal).toEqual([]));
