import type { EventKind } from '../../domain/event_kinds.ts';

export type LineFormat = 'text' | 'json';

/** Sample events of a kind: the same seed gives the same ones, except for their times. */
export interface SampleOptions {
  ads: number;
  seed: number;
  /** Share of lines with their own event id, from 0 to 1. */
  eventIdShare?: number;
  /** Rank of an ad (from 0) for a number in [0, 1); by default the n-th ad is clicked 1/n as often as the first. */
  pickAd?: (chance: number) => number;
  kind?: EventKind;
  format?: LineFormat;
}

type NextLine = (nowMs: number) => string;

/** An event that has not happened yet. */
export interface SampleEvent {
  ad: string;
  user: number;
  /** '': none. */
  id: string;
}

const USERS = 50_000;
/** Countries and their shares, which add up to 1. */
const COUNTRIES: [string, number][] = [
  ['USA', 0.35],
  ['IND', 0.2],
  ['DEU', 0.12],
  ['BRA', 0.12],
  ['JPN', 0.11],
  ['FRA', 0.1],
];

/** `[AdClickEvent] ad001, 2026-01-01 12:00:00.007, user 1, 158.55.121.177, USA`, with the event id if there is one. */
export function sampleLines({ kind = 'click', format = 'text', ...options }: SampleOptions): NextLine {
  const nextEvent = sampleEvents(options);
  const lineOf = format === 'text' ? textLines() : jsonLines();
  return (nowMs) => lineOf(kind, nextEvent(), nowMs);
}

export function sampleEvents({ ads, seed, eventIdShare = 0, pickAd = zipf(ads) }: SampleOptions): () => SampleEvent {
  const random = randomNumbers(seed);
  const digits = Math.max(3, String(ads).length);
  const adOf = onceEach(ads, (rank) => `ad${String(rank + 1).padStart(digits, '0')}`);
  return () => {
    const ad = adOf(pickAd(random()));
    const user = Math.floor(random() * USERS);
    return { ad, user, id: random() < eventIdShare ? eventId(random) : '' };
  };
}

type LineOf = (kind: EventKind, event: SampleEvent, nowMs: number) => string;

const PREFIX = { click: '[AdClickEvent]', impression: '[AdImpressionEvent]', conversion: '[AdConversionEvent]' };

/**
 * A user keeps their country and address. Common parts of lines are created once, not per line: at the peak rate the
 * writer would take a third of a core from the readers.
 */
export function textLines(): LineOf {
  const userOf = onceEach(USERS, (n) => `user ${n + 1}, ${addressOf(n + 1)}, ${countryOf(n + 1)}`);
  const timeOf = timeTexts();
  return (kind, { ad, user, id }, nowMs) => {
    const line = `${PREFIX[kind]} ${ad}, ${timeOf(nowMs)}, ${userOf(user)}`;
    return id === '' ? line : `${line}, ${id}`;
  };
}

/** The same events as JSON, in the order in which the documentation names their fields. */
function jsonLines(): LineOf {
  const userOf = onceEach(
    USERS,
    (n) => `"user_id":"user ${n + 1}","ip":"${addressOf(n + 1)}","country":"${countryOf(n + 1)}"`,
  );
  return (kind, { ad, user, id }, nowMs) =>
    `{"event":"${kind}","ad_id":"${ad}","time":${nowMs},${userOf(user)},"id":"${id}"}`;
}

/** Lines that are written together have the same time. */
function timeTexts(): (nowMs: number) => string {
  let [timeMs, time] = [Number.NaN, ''];
  return (nowMs) => {
    if (nowMs !== timeMs) [timeMs, time] = [nowMs, new Date(nowMs).toISOString().replace('T', ' ').slice(0, -1)];
    return time;
  };
}

/** Memoizes `count` texts, each made on first use. */
function onceEach(count: number, make: (n: number) => string): (n: number) => string {
  const made = new Array<string | undefined>(count);
  return (n) => {
    made[n] ??= make(n);
    return made[n];
  };
}

/** Numbers in [0, 1) (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Rank (from 0) for a number in [0, 1). */
function zipf(ranks: number): (chance: number) => number {
  const upTo = new Float64Array(ranks);
  let sum = 0;
  for (let rank = 0; rank < ranks; rank++) {
    sum += 1 / (rank + 1);
    upTo[rank] = sum;
  }
  return (chance) => {
    const wanted = chance * sum;
    let [low, high] = [0, ranks - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function addressOf(user: number): string {
  const bits = Math.imul(user, 2_654_435_761) >>> 0;
  return `${(bits >>> 24) % 223 || 1}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

function countryOf(user: number): string {
  let left = randomNumbers(user)();
  for (const [country, share] of COUNTRIES) {
    left -= share;
    if (left < 0) return country;
  }
  return 'USA';
}

export const eventId = (random: () => number): string => hex(random()) + hex(random()) + hex(random()) + hex(random());

const hex = (number: number): string =>
  Math.floor(number * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
