import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HOUR_MS } from '../domain/time.ts';
import { randomNumbers } from '../infra/traffic/lines.ts';
import { type Fact, lineOf } from './oracle.ts';

const SERVERS = ['web-a', 'web-b', 'web-c'];
const COUNTRIES = ['USA', 'DEU', 'FRA', 'JPN', 'BRA'];
const BROKEN = [
  'GET /index.html HTTP/1.1',
  '[AdClickEvent] ad001, 2021-02-30 00:00:01, user 1, 207.48.22.22, USA',
  '[AdClickEvent] ad001, 2021-01-01 00:00:01, user 1, 300.1.1.1, USA',
  '[AdClickEvent] ad001',
];
const ADS = 40;
const TICK_MS = 100;
const ROTATE_EVERY_MS = 15_000;

export interface Traffic {
  facts: Fact[];
  lines: number;
  broken: number;
  resent: number;
}

/**
 * Writes three servers' logs at a steady rate, like real ones: 2 % of lines repeat an earlier click, 0.5 % are invalid,
 * 5 % are late by up to an hour, 10 % up to 30 s out of order, a tenth belongs to the ended days; a third of the clicks
 * has no id; writes end in the middle of a line; logs are rotated by rename.
 */
export async function proveTraffic(options: {
  folder: string;
  seconds: number;
  linesPerSecond: number;
  seed: number;
  endedDays: string[];
  made: Traffic;
}): Promise<void> {
  const { folder, seconds, linesPerSecond, seed, endedDays, made } = options;
  mkdirSync(folder, { recursive: true });
  const next = randomNumbers(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  const unfinished = new Map<string, string>();
  const startedAt = Date.now();
  let written = 0;
  let rotations = 0;

  const happenedAt = (nowMs: number): number => {
    const dice = next();
    if (dice < 0.1) return Date.parse(`${pick(endedDays)}T00:00:00Z`) + Math.floor(next() * 24 * HOUR_MS);
    if (dice < 0.15) return nowMs - Math.floor(next() * HOUR_MS);
    if (dice < 0.25) return nowMs - Math.floor(next() * 30_000);
    return nowMs;
  };

  const nextLine = (nowMs: number): string => {
    made.lines += 1;
    const dice = next();
    const earlier = made.facts.length > 0 ? pick(made.facts) : null;
    if (dice < 0.005) {
      made.broken += 1;
      return pick(BROKEN);
    }
    if (dice < 0.025 && earlier !== null && earlier.id !== null) {
      made.resent += 1;
      return lineOf(earlier);
    }
    const fact: Fact = {
      ad: `prove-${String(Math.floor(next() ** 2 * ADS)).padStart(3, '0')}`,
      at: happenedAt(nowMs),
      user: `user ${Math.floor(next() * 500)}`,
      ip: `10.0.${Math.floor(next() * 256)}.1`,
      country: pick(COUNTRIES),
      id: next() < 1 / 3 ? null : `${seed}-${made.lines}`,
    };
    made.facts.push(fact);
    return lineOf(fact);
  };

  while (Date.now() - startedAt < seconds * 1000) {
    const due = Math.floor(((Date.now() - startedAt) / 1000) * linesPerSecond) - written;
    written += due;
    const texts = new Map(SERVERS.map((server) => [server, unfinished.get(server) ?? '']));
    for (let i = 0; i < due; i++) {
      const server = pick(SERVERS);
      texts.set(server, `${texts.get(server)}${nextLine(Date.now())}\n`);
    }
    for (const [server, text] of texts) {
      // The rest of the line comes first in the next write, or at the end.
      const cut = Math.floor(text.length * (0.5 + next() / 2));
      appendFileSync(join(folder, `${server}.log`), text.slice(0, cut));
      unfinished.set(server, text.slice(cut));
    }
    if (Date.now() - startedAt > (rotations + 1) * ROTATE_EVERY_MS) {
      const server = SERVERS[rotations % SERVERS.length] as string;
      finish(folder, server, unfinished);
      rotations += 1;
      renameSync(join(folder, `${server}.log`), join(folder, `${server}.log.${rotations}`));
      writeFileSync(join(folder, `${server}.log`), '');
    }
    await delay(TICK_MS);
  }
  for (const server of SERVERS) finish(folder, server, unfinished);
}

function finish(folder: string, server: string, unfinished: Map<string, string>): void {
  appendFileSync(join(folder, `${server}.log`), unfinished.get(server) ?? '');
  unfinished.delete(server);
}
