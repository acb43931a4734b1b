import { expect, test } from 'vitest';
import { parseLine } from '../domain/click/line.ts';
import { EVENT_KINDS } from '../domain/event_kinds.ts';
import { knownLines, noneKnown } from './known_events.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

test.each(EVENT_KINDS)('lines of a %s are what is on record of them, and no other event', (event) => {
  const known = noneKnown();
  const next = knownLines(event, { seed: 1, endedDays: ['2021-01-05'], known });
  const distinct = new Set<string>();
  let rejected = 0;
  for (let n = 0; n < 5_000; n++) {
    const parsed = parseLine(next(NOW), `place ${n}`, NOW);
    if (!parsed.ok) rejected += 1;
    else {
      expect(parsed.kind).toBe(event);
      distinct.add(JSON.stringify(parsed.click));
    }
  }
  expect([rejected, distinct.size]).toEqual([known.broken, known.facts.length]);
  expect(known.lines).toBe(known.facts.length + known.broken + known.resent);
  expect(Math.min(known.broken, known.resent)).toBeGreaterThan(10);
});
