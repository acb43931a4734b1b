import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../domain/time.ts';
import { isTopKept, TOP_WINDOWS, type Top, type TopsMessage, topId } from '../../domain/tops.ts';
import { TopAdsPublisher } from './top_ads.ts';

/** A few minutes around midnight and on the day before, so that windows expire. */
const START_MS = Date.UTC(2021, 0, 1, 23, 50);
const ADS = ['a', 'b', 'c'];
const MINUTES = [0, 1, 2, 3, 8, 14, 15, 16, 20, 30].map((n) => START_MS + n * MINUTE_MS);

const click = fc.record({ ad: fc.constantFrom(...ADS), minute: fc.constantFrom(...MINUTES) });
/** One event after the other. `kill`: the number of messages after which the step's process is killed; null: never. */
const event = fc.oneof(
  fc.record({ kind: fc.constant('clicks' as const), clicks: fc.array(click, { minLength: 1, maxLength: 4 }) }),
  fc.record({
    kind: fc.constant('step' as const),
    toMinute: fc.constantFrom(-5, 2, 4, 16, 17, 31, 24 * 60 + 1, 24 * 60 + 15, 24 * 60 + 40),
    kill: fc.option(fc.integer({ min: 0, max: 6 }), { freq: 2 }),
    // Clicks that are counted while the step reads.
    meanwhile: fc.array(click, { maxLength: 2 }),
    // Duration of each count, and the time since the previous step.
    countMs: fc.constantFrom(0, 100, 400, 3_000),
    idleMs: fc.constantFrom(0, 200, 10_000),
    isNewProcess: fc.boolean(),
  }),
  // A duplicate of a message, from a paused process or a client's retry.
  fc.record({ kind: fc.constant('repeat' as const), which: fc.nat() }),
);

type Click = { ad: string; minute: number };

function plainTop(clicks: Click[], endMs: number, window: number): Top {
  const counts = new Map<string, number>();
  for (const { ad, minute } of clicks) {
    if (minute >= endMs - window * MINUTE_MS && minute < endMs) counts.set(ad, (counts.get(ad) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** The indexer's state: the newest message for each window, and the last step. */
class Index {
  readonly tops = new Map<string, { endMs: number; version: number; ads: Top | null }>();
  step: { boundaryMs: number; watermarkMs: number } | null = null;

  /** The lists that would be used to answer. */
  usable(): { endMs: number; window: number; ads: Top }[] {
    const { boundaryMs } = this.step ?? { boundaryMs: 0 };
    return ENDS.filter((endMs) => isTopKept(endMs, boundaryMs)).flatMap((endMs) =>
      TOP_WINDOWS.flatMap((window) => {
        const top = this.tops.get(topId(endMs, window));
        return top?.endMs === endMs && top.ads !== null ? [{ endMs, window, ads: top.ads }] : [];
      }),
    );
  }

  apply(message: TopsMessage): void {
    if (message.kind === 'tops-to') {
      if (message.watermarkMs >= (this.step?.watermarkMs ?? Number.NEGATIVE_INFINITY)) this.step = message;
      return;
    }
    const { version } = message;
    const ends = message.kind === 'top' ? [message.endMs] : message.endsMs;
    for (const endMs of ends) {
      for (const window of message.kind === 'top' ? [message.window] : TOP_WINDOWS) {
        const known = this.tops.get(topId(endMs, window));
        if (known && known.version > version) continue;
        this.tops.set(topId(endMs, window), { endMs, version, ads: message.kind === 'top' ? message.ads : null });
      }
    }
  }
}

/** Ends of windows that contain minutes with clicks, and the same a day later. */
const ENDS = [0, DAY_MS].flatMap((laterMs) =>
  Array.from({ length: 46 }, (_, n) => START_MS + laterMs + (n + 1) * MINUTE_MS),
);

class Killed extends Error {}

test('whatever is late, repeated or killed, a top that may be used is the one of the last step or of later', async () => {
  let used = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
      const clicks: Click[] = [];
      const sent: TopsMessage[] = [];
      const index = new Index();
      // Saved by the last completed step: the clicks it covers, and its boundary.
      let done = { clicks: 0, boundaryMs: START_MS - 10 * MINUTE_MS };
      let clockMs = 0;
      let watermarkMs = 0;
      let countMs = 0;
      let meanwhile: Click[] = [];
      let left: number | null = null;
      const start = () =>
        new TopAdsPublisher({
          nowMs: () => clockMs,
          count: async (endMs) => {
            clicks.push(...meanwhile.splice(0));
            clockMs += countMs;
            return new Map(TOP_WINDOWS.map((window) => [window, plainTop(clicks, endMs, window)]));
          },
          send: async (messages) => {
            for (const message of messages) {
              if (left === 0) throw new Killed();
              if (left !== null) left -= 1;
              sent.push(message);
              index.apply(message);
            }
          },
        });
      let tops = start();
      // The number of clicks read by the last step that the index has applied.
      let stepHasRead = 0;

      for (const now of events) {
        if (now.kind === 'clicks') clicks.push(...now.clicks);
        if (now.kind === 'repeat' && sent.length > 0) index.apply(sent[now.which % sent.length] as TopsMessage);
        if (now.kind === 'step') {
          if (now.isNewProcess) tops = start();
          clockMs += now.idleMs;
          ({ countMs, kill: left } = now);
          meanwhile = [...now.meanwhile];
          const boundaryMs = Math.max(done.boundaryMs, START_MS + now.toMinute * MINUTE_MS);
          const hasRead = clicks.length;
          watermarkMs += 1;
          const late = clicks.slice(done.clicks).map(({ minute }) => minute);
          const changed = new Set(late.filter((minute) => minute < done.boundaryMs));
          const step = { closedFromMs: done.boundaryMs, boundaryMs, watermarkMs, version: hasRead };
          try {
            await tops.publish({ changed, ...step });
            done = { clicks: hasRead, boundaryMs };
            stepHasRead = hasRead;
          } catch (error) {
            if (!(error instanceof Killed)) throw error;
            tops = start();
          }
          clicks.push(...meanwhile);
        }
        if (now.kind === 'clicks') continue;
        for (const { endMs, window, ads } of index.usable()) {
          used += 1;
          const states = Array.from({ length: clicks.length - stepHasRead + 1 }, (_, i) => stepHasRead + i);
          const possible = states.map((count) => JSON.stringify(plainTop(clicks.slice(0, count), endMs, window)));
          expect(possible, `${window} minutes to ${endMs - START_MS}`).toContain(JSON.stringify(ads));
        }
      }
    }),
    { numRuns: 400 },
  );
  expect(used).toBeGreaterThan(10_000);
});

test('a top list belongs to one end: its document is overwritten a day later, and not before', () => {
  const end = START_MS + 20 * MINUTE_MS;
  expect(topId(end, 5)).toBe(topId(end + DAY_MS, 5));
  expect(isTopKept(end, end + DAY_MS - 1)).toBe(true);
  expect(isTopKept(end, end + DAY_MS)).toBe(false);
});
