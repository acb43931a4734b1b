import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClockReading } from '../../domain/clocks.ts';
import { HOUR_MS } from '../../domain/time.ts';
import { createLog } from '../log.ts';
import { fileRegister } from '../register/file_register.ts';
import { openFindings } from '../register/findings.ts';
import { compareClocks } from './compare.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clocks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const log = createLog('clocks-test');
log.level = 'silent';

/** What each clock is ahead of the true time. */
type Ahead = Record<'host' | 'kafka' | 'clickhouse', number>;

function watch() {
  const ahead: Ahead = { host: 0, kafka: 0, clickhouse: 0 };
  let isClickHouseUp = true;
  const readingOf = async (of: keyof Ahead): Promise<ClockReading> => {
    if (of === 'clickhouse' && !isClickHouseUp) throw new Error('away');
    return { atMs: 10_000 + ahead[of], host: { fromMs: 10_000 + ahead.host, toMs: 10_010 + ahead.host } };
  };
  const register = fileRegister(folder);
  const metrics = new Registry();
  const compare = compareClocks({
    clock: { reading: () => readingOf('kafka'), nowMs: () => 10_000 },
    engines: new Map([['clickhouse', () => readingOf('clickhouse')]]),
    hostId: 'Web_1',
    register,
    metrics,
    log,
  });
  return {
    ahead,
    stopClickHouse: () => {
      isClickHouseUp = false;
    },
    async compared(set: Partial<Ahead>) {
      Object.assign(ahead, set);
      await compare();
      const gauge = await metrics.getSingleMetric('clickledger_clock_skew_seconds')?.get();
      const seconds = Object.fromEntries((gauge?.values ?? []).map(({ labels, value }) => [labels.of, value]));
      return { findings: (await openFindings(register)).map(({ what }) => what), seconds };
    },
  };
}

test('a clock away from the broker’s is a finding and a metric until it is right again', async () => {
  const { compared } = watch();
  expect(await compared({})).toEqual({ findings: [], seconds: { host: 0, clickhouse: 0 } });
  expect(await compared({ host: HOUR_MS })).toEqual({
    findings: ["the clock of host Web_1 is 3600.0 s ahead of the broker's"],
    seconds: { host: 3_600, clickhouse: 0 },
  });
  expect(await compared({ host: 0, clickhouse: -3_010 })).toEqual({
    findings: ["the clock of clickhouse is 3.0 s behind the broker's"],
    seconds: { host: 0, clickhouse: -3 },
  });
  expect(await compared({ clickhouse: 0 })).toEqual({ findings: [], seconds: { host: 0, clickhouse: 0 } });
});

test('a broker with a wrong clock is away from all others', async () => {
  const { findings } = await watch().compared({ kafka: -HOUR_MS });
  expect(findings).toEqual([
    "the clock of clickhouse is 3600.0 s ahead of the broker's",
    "the clock of host Web_1 is 3600.0 s ahead of the broker's",
  ]);
});

test('two clocks that are five seconds apart are shown, also when the broker’s is between them', async () => {
  const { findings } = await watch().compared({ host: 2_600, clickhouse: -2_600 });
  expect(findings).toHaveLength(2);
});

test('an engine that does not answer settles nothing', async () => {
  const { compared, stopClickHouse } = watch();
  await compared({ clickhouse: HOUR_MS });
  stopClickHouse();
  expect((await compared({ clickhouse: 0 })).findings).toHaveLength(1);
});
