import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { Annotations } from '../../domain/click/annotations.ts';
import { encodeEvent } from '../../domain/click/wire.ts';
import { DAY_MS, dayStartMs } from '../../domain/time.ts';
import { clicksOfDay } from '../../test/support/batch.ts';
import { arrived } from '../../test/support/kafkajs.ts';
import { Archiver, ROLL_BYTES, ROLL_MS } from './archiver.ts';
import { manifestsOf } from './files/manifest.ts';

const DAY = '2003-01-05';

test.each([
  ['clicks with the longest texts', 0, 320_000],
  ['clicks with the longest texts and annotations', 1_024, 96_000],
])(
  'the archiver has memory for a full range of %s',
  async (_, annotated, rows) => {
    const archiveDir = mkdtempSync(join(tmpdir(), 'archiver-'));
    onTestFinished(() => rmSync(archiveDir, { recursive: true, force: true }));
    const archiver = new Archiver({
      event: 'click',
      archiveDir,
      log: pino({ level: 'silent' }),
      rollBytes: ROLL_BYTES,
      rollMs: ROLL_MS,
      firstOffset: async () => 0,
      onArchived: () => {},
    });
    const [longest, random] = [127, () => randomBytes(12).toString('hex')];
    const clicks = clicksOfDay(DAY, rows, 'a').map((click, n) => ({
      ...click,
      event_id: random().padEnd(longest, 'e'),
      ad_id: `${n % 2_000}`.padEnd(longest, 'a'),
      user_id: random().padEnd(longest, 'u'),
    }));
    const annotations = (): Annotations => new Map(annotated > 0 ? [['ua', random().padEnd(annotated, 'x')]] : []);
    const arrivedMs = dayStartMs(DAY) + DAY_MS;
    const long = clicks.map((click, offset) =>
      arrived({ offset, arrivedMs, value: encodeEvent('click', click, annotations()) }),
    );
    const place = { topic: 'clicks', partition: 0 };
    await archiver.take(place, long, 0);
    expect(archiver.due({}, 0)).toEqual([place]);
    archiver.flush(place);
    await archiver.flushed();
    expect([...manifestsOf(archiveDir)]).toMatchObject([{ rows }]);
  },
  60_000,
);
