import type { EventKind } from '../domain/event_kinds.ts';
import { HOUR_MS } from '../domain/time.ts';
import { randomNumbers } from '../infra/traffic/lines.ts';
import { type Fact, jsonLineOf, lineOf } from './oracle.ts';

const COUNTRIES = ['USA', 'DEU', 'FRA', 'JPN', 'BRA'];
const ADS = 40;
const FIELDS = '2021-01-01 00:00:01, user 1';
/** Each kind has lines of its own form that are no event. */
const BROKEN: Record<EventKind, string[]> = {
  click: [
    'GET /index.html HTTP/1.1',
    '[AdClickEvent] ad001, 2021-02-30 00:00:01, user 1, 207.48.22.22, USA',
    '[AdClickEvent] ad001, 2021-01-01 00:00:01, user 1, 300.1.1.1, USA',
    '[AdClickEvent] ad001',
  ],
  impression: [`[AdImpressionEvent] ad001, ${FIELDS}, 300.1.1.1, USA`, '{"event": "impression", "ad_id": "ad001"'],
  conversion: [`[AdSaleEvent] ad001, ${FIELDS}, 207.48.22.22, USA`, '{"event": "conversion", "colour": "red"}'],
};
/** Differ between two lines of one event, which stays one. */
const ANNOTATIONS = [
  '',
  ', ua="a \\"browser\\", of 1", value="2.50"',
  ', referrer="https://example.com/?a=b,c", unknown="x"',
];

export interface Known {
  /** All kinds. */
  facts: Fact[];
  lines: number;
  broken: number;
  resent: number;
}

export const noneKnown = (): Known => ({ facts: [], lines: 0, broken: 0, resent: 0 });

/**
 * Lines of a kind like real ones, each on record in `known`: 2 % repeat an earlier one, half of these as JSON and half
 * with annotations; 0.5 % are invalid, 5 % are late by up to an hour, 10 % up to 30 s out of order, a tenth belongs to
 * the ended days, if there are any; a third of the events has no id. Ads, users and ids are those of all kinds, so that
 * an event that is taken for one of another kind is not told from it by any of them.
 */
export function knownLines(
  event: EventKind,
  { seed, endedDays, known }: { seed: number; endedDays: string[]; known: Known },
): (nowMs: number) => string {
  const next = randomNumbers(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  const facts: Fact[] = [];
  let lines = 0;

  const happenedAt = (nowMs: number): number => {
    const dice = next();
    if (dice < 0.1 && endedDays.length > 0)
      return Date.parse(`${pick(endedDays)}T00:00:00Z`) + Math.floor(next() * 24 * HOUR_MS);
    if (dice < 0.15) return nowMs - Math.floor(next() * HOUR_MS);
    if (dice < 0.25) return nowMs - Math.floor(next() * 30_000);
    return nowMs;
  };

  return (nowMs) => {
    known.lines += 1;
    lines += 1;
    const dice = next();
    const earlier = facts.length > 0 ? pick(facts) : null;
    if (dice < 0.005) {
      known.broken += 1;
      return pick(BROKEN[event]);
    }
    if (dice < 0.025 && earlier !== null && earlier.id !== null) {
      known.resent += 1;
      return dice < 0.015 ? jsonLineOf(earlier) : `${lineOf(earlier)}${pick(ANNOTATIONS)}`;
    }
    const fact: Fact = {
      event,
      ad: `prove-${String(Math.floor(next() ** 2 * ADS)).padStart(3, '0')}`,
      at: happenedAt(nowMs),
      user: `user ${Math.floor(next() * 500)}`,
      ip: `10.0.${Math.floor(next() * 256)}.1`,
      country: pick(COUNTRIES),
      id: next() < 1 / 3 ? null : `${seed}-${lines}`,
    };
    facts.push(fact);
    known.facts.push(fact);
    return lineOf(fact);
  };
}
