import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_ANNOTATIONS } from '../../domain/click/annotations.ts';
import { DAY_MS, dayStartMs } from '../../domain/time.ts';
import { clicksOfDay } from '../../test/support/batch.ts';
import { putInPlace, repair } from './files/layout.ts';
import { manifestsOf } from './files/manifest.ts';
import { RangeBuffer } from './range.ts';
import { writeRange } from './write_range.ts';

const DAY = '2003-01-05';
const log = pino({ level: 'silent' });
let archiveDir: string;

beforeEach(async () => {
  archiveDir = mkdtempSync(join(tmpdir(), 'archive-stalled-'));
});
afterEach(() => {
  rmSync(archiveDir, { recursive: true });
});

/** A range whose writer stalls after its file was started or written, until others have done something. */
class StallingRange extends RangeBuffer {
  stall: { when: 'before' | 'behind'; meanwhile: () => Promise<unknown> } | null = null;

  override days() {
    return super.days().map((day) => ({
      ...day,
      write: async (path: string) => {
        if (this.stall?.when === 'before') await this.stall.meanwhile();
        await day.write(path);
        if (this.stall?.when === 'behind') await this.stall.meanwhile();
      },
    }));
  }
}

async function rangeOf(count: number): Promise<StallingRange> {
  const range = new StallingRange(archiveDir, 'clicks-0');
  for (const [offset, click] of clicksOfDay(DAY, count, 'a').entries())
    range.add(click, NO_ANNOTATIONS, dayStartMs(DAY) + DAY_MS, offset, 80);
  return range;
}

const write = (range: RangeBuffer, to: number) => {
  const facts = { topic: 'clicks', partition: 0, from: 0, to, rejected: 0, arrived_from: 0, arrived_to: 0 };
  return writeRange(archiveDir, facts, range, () => true);
};

/** Names and bytes of all files visible to readers. */
function archived(): Record<string, string> {
  const folder = join(archiveDir, 'clicks', `dt=${DAY}`);
  const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'base64')]);
  return { ...Object.fromEntries(files), manifests: JSON.stringify([...manifestsOf(archiveDir)]) };
}

describe('a writer that stalls, and resumes when another has archived the range', () => {
  it.each([
    ['before', 'repaired'],
    ['behind', 'repaired'],
    ['behind', 'left as it was'],
  ] as const)('%s it writes its file, the archive %s meanwhile: does no harm', async (when, state) => {
    let seen: Record<string, string> = {};
    const stalled = await rangeOf(5);
    stalled.stall = {
      when,
      meanwhile: async () => {
        expect(await write(await rangeOf(8), 8)).toMatchObject({ outcome: 'archived' });
        if (state === 'repaired') repair(archiveDir, log);
        seen = archived();
      },
    };
    expect(await write(stalled, 5)).toEqual({ outcome: 'lost' });
    expect(Object.keys(seen)).toHaveLength(2);
    expect(archived()).toEqual(seen);
    expect([...manifestsOf(archiveDir)]).toMatchObject([{ from: 0, to: 8, rows: 8 }]);
    expect(readdirSync(join(archiveDir, 'aside'))).toEqual([]);
  });

  it('after its own manifest, when another has put its files in place: does no harm', async () => {
    const written = await write(await rangeOf(5), 5);
    if (written.outcome !== 'archived') throw new Error(written.outcome);
    const seen = archived();
    repair(archiveDir, log);
    putInPlace(archiveDir, written.manifest);
    expect(archived()).toEqual(seen);
  });
});
