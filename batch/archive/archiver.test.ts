import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { DAY_MS, dayStartMs } from '../../domain/time.ts';
import { encodeClick } from '../../domain/wire.ts';
import { clicksOf } from '../engines_support.ts';
import { Archiver, type Place } from './archiver.ts';
import { openDuck } from './duckdb.ts';
import { manifestsOf } from './manifest.ts';

const DAY = '2003-01-05';

it('keeps topics apart that have the same numbers of partitions and offsets', async () => {
  const archiveDir = mkdtempSync(join(tmpdir(), 'archiver-'));
  const duck = await openDuck(archiveDir, 64);
  onTestFinished(() => {
    duck.close();
    rmSync(archiveDir, { recursive: true });
  });
  const archiver = new Archiver({
    ...{ archiveDir, duck, log: pino({ level: 'silent' }), rollBytes: 1_000_000, rollMs: 300_000 },
    firstOffset: async () => 0,
    onArchived: () => {},
  });
  const [main, eu] = ['clicks', 'clicks.eu'].map((topic) => ({ topic, partition: 0 })) as [Place, Place];
  const messages = (count: number) =>
    clicksOf(DAY, count, 'a').map((click, offset) => ({
      offset,
      arrivedMs: dayStartMs(DAY) + DAY_MS,
      value: encodeClick(click),
    }));

  expect(await archiver.take(main, messages(5), 0)).toBe(5);
  expect(await archiver.take(eu, messages(8), 0)).toBe(8);
  expect(archiver.due({ 'clicks-0': 5, 'clicks.eu-0': 9 }, 0)).toEqual([main]);
  expect(archiver.due({ 'clicks-0': 6, 'clicks.eu-0': 8 }, 0)).toEqual([eu]);
  for (const place of [main, eu]) await archiver.flush(place);
  expect([...manifestsOf(archiveDir)]).toMatchObject([
    { ...main, from: 0, to: 5, rows: 5 },
    { ...eu, from: 0, to: 8, rows: 8 },
  ]);
});
