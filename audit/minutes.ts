import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { count } from '../domain/fields.ts';
import { databaseOf } from '../domain/names.ts';
import { type ClickHouseClient, rowsOf } from '../infra/clients/clickhouse.ts';
import { sql } from '../infra/sql.ts';
import { type Rule, Tally } from './rule.ts';
import { countRows, type SinkProgress } from './sink_totals.ts';

const MINUTES_SQL = sql('clickhouse/queries/status_minutes.sql');
const RAW_SQL = sql('clickhouse/queries/status_raw.sql');

const inMinutes = z.object({ by_ad: count, by_minute: count });
const rawRows = z.object({ counted: count });

/** Arrival months `[from, to]`, such as 202601. */
interface Months {
  from: number;
  to: number;
}

const MAX_SNAPSHOTS = 10;
const SNAPSHOTS_LIMIT_MS = 3_000;
const SNAPSHOT_PAUSE_MS = 50;
const LAST_OFFSET = Number.MAX_SAFE_INTEGER;

/**
 * Events in the minutes of both rollups = raw rows. The rollups do not record which messages they contain, and an
 * insert in flight is in some of the three tables and not yet in others. So each snapshot only gives bounds for the
 * difference: messages committed before it are in all tables, those not started after it in none. A snapshot without
 * inserts is exact; if there is none, several snapshots narrow the bounds. Only a certain difference breaks the rule.
 * @param partitions of all counted topics
 */
export async function minuteRules(
  event: EventKind,
  clickhouse: ClickHouseClient,
  partitions: readonly string[],
  readProgress: () => Promise<SinkProgress>,
  months: Months,
): Promise<Rule[]> {
  const endMs = performance.now() + SNAPSHOTS_LIMIT_MS;
  const [byAd, byMinute] = [new DifferenceBounds(), new DifferenceBounds()];
  for (let snapshots = 1; ; snapshots++) {
    const raw = await snapshot(clickhouse, partitions, readProgress, months);
    byAd.narrow(raw.byAd, raw);
    byMinute.narrow(raw.byMinute, raw);
    if ((byAd.isCertain && byMinute.isCertain) || snapshots === MAX_SNAPSHOTS || performance.now() > endMs) break;
    await delay(SNAPSHOT_PAUSE_MS);
  }
  return [byAd.rule(event, 'minutes by ad'), byMinute.rule(event, 'minutes by minute')];
}

interface Snapshot {
  byAd: number;
  byMinute: number;
  /** Raw rows that both rollups certainly included. */
  atLeast: number;
  /** The same plus all raw rows that they may have included. */
  atMost: number;
}

async function snapshot(
  clickhouse: ClickHouseClient,
  partitions: readonly string[],
  readProgress: () => Promise<SinkProgress>,
  { from: from_month, to: to_month }: Months,
): Promise<Snapshot> {
  const params = { from_month, to_month };
  const before = await readProgress();
  const [minutes] = await rowsOf(clickhouse, inMinutes, MINUTES_SQL, params);
  const after = await readProgress();
  const [raw] = await rowsOf(clickhouse, rawRows, RAW_SQL, params);
  const all = raw?.counted ?? 0;
  let [beyond, inFlight] = [0, 0];
  for (const name of partitions) {
    const { counted } = await countRows(clickhouse, name, { from: before.get(name)?.offset ?? 0, to: LAST_OFFSET });
    beyond += counted;
    const { offset = 0, pending = null } = after.get(name) ?? {};
    inFlight += pending === null ? 0 : pending - offset;
  }
  return {
    byAd: minutes?.by_ad ?? 0,
    byMinute: minutes?.by_minute ?? 0,
    atLeast: all - beyond,
    atMost: all + inFlight,
  };
}

/** Bounds of the difference between a rollup and the raw rows. */
class DifferenceBounds {
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;
  #clicks = 0;

  narrow(clicks: number, { atLeast, atMost }: Pick<Snapshot, 'atLeast' | 'atMost'>): void {
    this.#clicks = clicks;
    this.#low = Math.max(this.#low, clicks - atMost);
    this.#high = Math.min(this.#high, clicks - atLeast);
  }

  get isCertain(): boolean {
    return this.#low === this.#high || this.#difference !== 0;
  }

  /** The smallest possible difference. */
  get #difference(): number {
    if (this.#low > 0) return this.#low;
    return Math.min(0, this.#high);
  }

  rule(event: EventKind, rollup: string): Rule {
    const [events, database] = [PLURAL[event], databaseOf(event)];
    return new Tally()
      .add(`${database}.${rollup.replaceAll(' ', '_')}`, this.#clicks - this.#difference, this.#clicks)
      .rule(
        `raw rows = ${events} in ${rollup}`,
        `rows of ${database}.clicks or of the rollup were removed or doubled by anything but the sink: answers of days without a run are wrong by that much; derive the days concerned anew from the archive (clickledger replay)`,
      );
  }
}
