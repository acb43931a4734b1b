import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Register } from '../../infra/register/register.ts';
import { EVENT, LedgerCopy } from '../../test/support/ledger_copy.ts';
import { memoryRegister } from '../../test/support/memory_register.ts';
import { DayBusyError } from '../day/lock.ts';
import { NO_FIGURES } from './events.ts';
import { runsInHive } from './hive_ledger.ts';
import { holdDay } from './hold_day.ts';
import type { Ledger } from './ledger_copies.ts';
import { startLedger } from './ledger_import.ts';
import { eventsIn, type LedgerEvent } from './ledger_row.ts';
import { record } from './record_event.ts';
import { allocateRun } from './run_files.ts';

const DAY = EVENT.date;
let archiveDir = '';
beforeEach(() => {
  archiveDir = mkdtempSync(join(tmpdir(), 'hold-'));
});
afterEach(() => rmSync(archiveDir, { recursive: true }));

/** Is called before everything that a process does outside itself, and after what it changes there. */
type OnCall = (what: string) => Promise<void>;

function watched(register: Register, onCall: OnCall): Register {
  return {
    async create(key, value) {
      await onCall(`create ${key}`);
      const result = await register.create(key, value);
      await onCall(`created ${key}`);
      return result;
    },
    async read(schema, key) {
      await onCall(`read ${key}`);
      return register.read(schema, key);
    },
    async list(prefix) {
      await onCall(`list ${prefix}`);
      return register.list(prefix);
    },
  };
}

const EVENT_OF_RUN: LedgerEvent = {
  day: DAY,
  run: 1,
  reason: 'test',
  requested_by: 'test',
  started_at: 0,
  ...NO_FIGURES,
  state: 'counting',
  finished_at: null,
  request: '',
  note: '',
};

/** Counts nothing, but records what a run does, in the same order. */
async function publish(ledger: Ledger): Promise<number> {
  return holdDay(ledger, DAY, async (held) => {
    const { reason, requested_by, started_at } = EVENT_OF_RUN;
    const { run } = await allocateRun(ledger, { day: DAY, reason, requested_by, started_at, cut: {} }, 0);
    const event = { ...EVENT_OF_RUN, run };
    held.assertHeld();
    await record(ledger, held, event, Date.UTC(2021, 0, 2));
    await held.assertCurrent();
    await record(ledger, held, { ...event, state: 'published' }, Date.UTC(2021, 0, 2));
    return run;
  });
}

/** Nobody has heard of the holder for over a minute. */
function letLockExpire(): void {
  const folder = join(archiveDir, 'locks', DAY);
  if (!existsSync(folder)) return;
  const longAgo = new Date(Date.now() - 61_000);
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), longAgo, longAgo);
}

interface Frozen {
  /** Where; null if it ended without having come so far. */
  at: string | null;
  /** Returns what becomes of it when it goes on: its run, or null if it was refused. */
  thaw(): Promise<number | null>;
}

/** A publisher that stops at its n-th call of register or ClickHouse. */
async function publishFrozen(ledger: Ledger, copy: LedgerCopy, point: number): Promise<Frozen> {
  let calls = 0;
  let thaw = (): void => {};
  const thawed = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  return new Promise((resolve, reject) => {
    const onCall = async (what: string): Promise<void> => {
      if (++calls !== point) return;
      resolve({
        at: what,
        thaw: () => {
          thaw();
          return outcome;
        },
      });
      await thawed;
    };
    const watching = { ...ledger, register: watched(ledger.register, onCall), clickhouse: copy.clickhouse(onCall) };
    const outcome = publish(watching).catch((error: unknown) => {
      if (error instanceof DayBusyError) return null;
      throw error;
    });
    outcome.then(() => resolve({ at: null, thaw: () => outcome }), reject);
  });
}

const facts = (events: { seq: number; run: number; state: string }[]): string[] =>
  events.map(({ seq, run, state }) => `${seq}: run ${run} ${state}`).sort();

test('two publishers, one frozen at any point: each number once, and never an older run over a newer one', async () => {
  const outcomes = { refused: 0, published: 0 };
  for (let point = 1; ; point++) {
    rmSync(archiveDir, { recursive: true });
    const copy = new LedgerCopy();
    const register = memoryRegister();
    await startLedger(register, 'own');
    const ledger: Ledger = { event: 'click', archiveDir, register, clickhouse: copy.clickhouse() };
    const frozen = await publishFrozen(ledger, copy, point);
    if (frozen.at === null) break;

    letLockExpire();
    const second = await publish(ledger);
    const first = await frozen.thaw();
    outcomes[first === null ? 'refused' : 'published'] += 1;

    const events = await eventsIn(register, DAY);
    const said = `frozen at call ${point}, ${frozen.at}: ${facts(events).join(', ')}`;
    const published = events.filter(({ state }) => state === 'published').map(({ run }) => run);
    expect(published, said).toEqual([...new Set(published)].sort((a, b) => a - b));
    expect(new Set(published), said).toEqual(new Set(first === null ? [second] : [first, second]));
    // Both copies have exactly the events.
    expect(facts(copy.rows), said).toEqual(facts(events));
    expect(new Set(runsInHive(archiveDir, DAY)), said).toEqual(new Set(events.map(({ run }) => run)));
  }
  expect(outcomes.refused).toBeGreaterThan(10);
  expect(outcomes.published).toBeGreaterThan(10);
});

test('a process notices that another has recorded something, before it touches what that one may have published', async () => {
  const copy = new LedgerCopy();
  const ledger: Ledger = { event: 'click', archiveDir, register: memoryRegister(), clickhouse: copy.clickhouse() };
  await holdDay(ledger, DAY, async (held) => {
    await held.assertCurrent();
    await record(ledger, held, EVENT_OF_RUN, Date.UTC(2021, 0, 2));
    await held.assertCurrent();
    letLockExpire();
    await publish(ledger);
    await expect(held.assertCurrent()).rejects.toThrow(DayBusyError);
    const unnoticed = { ...held, lastSeq: held.lastSeq };
    await expect(record(ledger, unnoticed, EVENT_OF_RUN, 0)).rejects.toThrow(DayBusyError);
  });
});
