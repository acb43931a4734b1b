import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EVENT_KINDS, type EventKind } from '../domain/event_kinds.ts';
import { randomNumbers } from '../infra/traffic/lines.ts';
import { type Known, knownLines } from './known_events.ts';

const SERVERS = ['web-a', 'web-b', 'web-c'];
const TICK_MS = 100;
const ROTATE_EVERY_MS = 15_000;

/**
 * Writes three servers' logs at a steady rate, all kinds of events in the same files: writes end in the middle of a
 * line, and logs are rotated by rename.
 */
export async function proveTraffic(options: {
  folder: string;
  seconds: number;
  linesPerSecond: Record<EventKind, number>;
  seed: number;
  endedDays: string[];
  known: Known;
}): Promise<void> {
  const { folder, seconds, linesPerSecond, seed, endedDays } = options;
  mkdirSync(folder, { recursive: true });
  const next = randomNumbers(seed);
  const unfinished = new Map<string, string>();
  const startedAt = Date.now();
  // Each kind's day takes a run of Hive, again and again: of the others one day is enough.
  const daysOf = (event: EventKind): string[] => (event === 'click' ? endedDays : endedDays.slice(0, 1));
  const kinds = EVENT_KINDS.map((event) => ({
    event,
    nextLine: knownLines(event, { ...options, endedDays: daysOf(event) }),
    written: 0,
  }));
  let rotations = 0;

  while (Date.now() - startedAt < seconds * 1000) {
    const texts = new Map(SERVERS.map((server) => [server, unfinished.get(server) ?? '']));
    for (const kind of kinds) {
      const due = Math.floor(((Date.now() - startedAt) / 1000) * linesPerSecond[kind.event]);
      for (; kind.written < due; kind.written++) {
        const server = SERVERS[Math.floor(next() * SERVERS.length)] as string;
        texts.set(server, `${texts.get(server)}${kind.nextLine(Date.now())}\n`);
      }
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
