import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Click } from '../../domain/click/click.ts';
import { DAY_MS, dayOf, HOUR_MS } from '../../domain/time.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { type Hive, HiveStatementError } from '../../infra/clients/hive.ts';
import { readConfig } from '../../infra/config.ts';
import { clicksOfDay, countInRealtime, startTestArchive, TestArchive } from '../../test/support/batch.ts';
import { testDays } from '../../test/support/days.ts';
import { minutesInClickHouse, minutesInHive, oracle } from '../../test/support/minute_counts.ts';
import type { BatchEngines } from '../run/engines.ts';
import { batchRuns } from '../run/ledger.ts';
import { runNightly } from './run.ts';

const urls = engineUrls(readConfig(inject('env')));
const FEW = 24;
const FIRST_MS = testDays(FEW + 6);
const daysFrom = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => dayOf(FIRST_MS + (first + count - 1 - n) * DAY_MS));
const DAYS = daysFrom(FEW, 6);
/** Days with one click each, which are counted once. */
const DAYS_OF_ONE = daysFrom(0, FEW);
const NIGHT_MS = FIRST_MS + (FEW + 6) * DAY_MS + 2 * HOUR_MS;
const [TOGETHER, ALONE] = ['INSERT OVERWRITE TABLE day_totals', 'INSERT OVERWRITE TABLE run_totals'];

describe('small days of a night', () => {
  const archive = new TestArchive(urls.kafka);
  let engines: BatchEngines;
  let closeAll: () => Promise<void>;
  let statements: string[] = [];
  /** Statements with any of these texts and of this kind are refused. */
  let refused: string[] = [];
  let refusal = (): Error => new HiveStatementError('refused by the test');

  beforeAll(async () => {
    const started = await startTestArchive(archive, urls);
    closeAll = started.close;
    const connectHive = async (): Promise<Hive> => {
      const hive = await started.engines.connectHive();
      const execute = async (statement: string): Promise<void> => {
        if (statement.includes(TOGETHER) || statement.includes(ALONE)) statements.push(statement);
        if (statement.includes(TOGETHER) && refused.some((text) => statement.includes(text))) {
          throw refusal();
        }
        await hive.execute(statement);
      };
      return { ...hive, rows: hive.rows.bind(hive), close: hive.close.bind(hive), execute };
    };
    engines = { ...started.engines, connectHive };
  });
  afterAll(() => closeAll());

  const written = new Map<string, Click[]>(DAYS.map((day) => [day, []]));

  /** Clicks of each day, one in five twice. */
  async function arrive(name: string, clicks: number, more: Click[] = []): Promise<void> {
    const all = [...more];
    for (const day of DAYS) {
      const own = clicksOfDay(day, clicks, `small-${name}`);
      written.get(day)?.push(...own);
      all.push(...own, ...own.slice(0, clicks / 5));
    }
    await countInRealtime(engines.clickhouse, await archive.send(all));
    await archive.commit(engines.sinkGroup, await archive.ends());
  }

  async function night(days = DAYS): Promise<{ together: number; alone: number }> {
    statements = [];
    expect(await runNightly(engines, NIGHT_MS)).toEqual({ published: days, blocked: [], failed: [] });
    const of = (text: string): number => statements.filter((statement) => statement.includes(text)).length;
    return { together: of(TOGETHER), alone: of(ALONE) };
  }

  async function exact(): Promise<void> {
    for (const day of DAYS) {
      const truth = oracle(written.get(day) ?? []);
      expect([day, await minutesInClickHouse(engines, day, 'small-')]).toEqual([day, truth]);
      expect([day, await minutesInHive(engines, day)]).toEqual([day, truth]);
    }
  }

  it('are counted by one statement, each with a run of its own', async () => {
    const ofOne = new Map(DAYS_OF_ONE.map((day) => [day, clicksOfDay(day, 1, 'small-one')]));
    await arrive('first', 40, [...ofOne.values()].flat());
    // So many have more counters than Tez keeps by default.
    expect(await night([...DAYS, ...DAYS_OF_ONE])).toEqual({ together: 1, alone: 0 });
    await exact();
    for (const [day, clicks] of ofOne) {
      expect([day, await minutesInClickHouse(engines, day, 'small-')]).toEqual([day, oracle(clicks)]);
    }
    for (const day of DAYS) {
      const counted = { run: 1, state: 'published', clicks: 40, copies_dropped: 8, late_included: 0, difference: -8 };
      expect(await batchRuns(engines.clickhouse, day)).toMatchObject([counted]);
    }
  }, 300_000);

  it('each knows which of its clicks came after its run before, and one that Hive does not count with others is counted alone', async () => {
    await arrive('late', 10);
    refused = [`dt = '${DAYS[1]}'`];
    // Six days, then three of them, then two of these are refused; the other three are counted together.
    expect(await night()).toEqual({ together: 4, alone: 3 });
    refused = [];
    await exact();
    for (const day of DAYS) {
      const [, second] = await batchRuns(engines.clickhouse, day);
      // Ten clicks, two of them twice.
      expect([day, second]).toMatchObject([day, { run: 2, state: 'published', clicks: 50, late_included: 12 }]);
    }
  }, 300_000);

  it('are counted one by one if that fails for another reason', async () => {
    await arrive('more', 10);
    refused = [TOGETHER];
    refusal = () => new Error('the session is lost');
    expect(await night()).toEqual({ together: 1, alone: 6 });
    await exact();
  }, 300_000);
});
