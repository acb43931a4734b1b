import { setTimeout as delay } from 'node:timers/promises';
import { type ClickHouseClient, rows } from '../infra/clients/clickhouse.ts';
import { sql } from '../infra/sql.ts';
import { type Conservation, Tally } from './rule.ts';
import { rowsOf, type SinkProgress } from './sink_totals.ts';

const MINUTES_SQL = sql('clickhouse/queries/status_minutes.sql');
const RAW_SQL = sql('clickhouse/queries/status_raw.sql');

/** Arrival months from … to, such as 202601. */
interface Months {
  from: number;
  to: number;
}

const LOOKS = 10;
const LOOKS_LIMIT_MS = 3_000;
const BETWEEN_LOOKS_MS = 50;
const LAST_OFFSET = Number.MAX_SAFE_INTEGER;

/**
 * Clicks in the minutes of both rollups = raw rows. The rollups do not say which messages they contain, and an insert
 * that is under way is in some of the three tables and not yet in others. So each look only says between which numbers
 * the difference lies: what was committed before is in all of them, what was not begun afterwards in none. A look at a
 * quiet moment says it exactly; if there is none, several looks narrow it down. Only a difference that is certain
 * breaks the rule.
 * @param partitions of all topics that are counted
 */
export async function minuteRules(
  clickhouse: ClickHouseClient,
  partitions: readonly string[],
  readProgress: () => Promise<SinkProgress>,
  months: Months,
): Promise<Conservation[]> {
  const endMs = Date.now() + LOOKS_LIMIT_MS;
  const [byAd, byMinute] = [new Between(), new Between()];
  for (let looks = 1; ; looks++) {
    const raw = await look(clickhouse, partitions, readProgress, months);
    byAd.narrow(raw.byAd, raw);
    byMinute.narrow(raw.byMinute, raw);
    if ((byAd.isCertain && byMinute.isCertain) || looks === LOOKS || Date.now() > endMs) break;
    await delay(BETWEEN_LOOKS_MS);
  }
  return [byAd.rule('minutes by ad'), byMinute.rule('minutes by minute')];
}

interface Look {
  byAd: number;
  byMinute: number;
  /** Raw rows that both rollups certainly had. */
  atLeast: number;
  /** With every raw row that they can have had. */
  atMost: number;
}

async function look(
  clickhouse: ClickHouseClient,
  partitions: readonly string[],
  readProgress: () => Promise<SinkProgress>,
  { from: from_month, to: to_month }: Months,
): Promise<Look> {
  const params = { from_month, to_month };
  const before = await readProgress();
  const [minutes] = await rows<{ by_ad: number; by_minute: number }>(clickhouse, MINUTES_SQL, params);
  const after = await readProgress();
  const [raw] = await rows<{ counted: number }>(clickhouse, RAW_SQL, params);
  const all = raw?.counted ?? 0;
  let [beyond, underWay] = [0, 0];
  for (const name of partitions) {
    const { counted } = await rowsOf(clickhouse, name, { from: before.get(name)?.offset ?? 0, to: LAST_OFFSET });
    beyond += counted;
    const { offset = 0, pending = null } = after.get(name) ?? {};
    underWay += pending === null ? 0 : pending - offset;
  }
  return {
    byAd: minutes?.by_ad ?? 0,
    byMinute: minutes?.by_minute ?? 0,
    atLeast: all - beyond,
    atMost: all + underWay,
  };
}

/** What is known of the difference between a rollup and the raw rows. */
class Between {
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;
  #clicks = 0;

  narrow(clicks: number, { atLeast, atMost }: Pick<Look, 'atLeast' | 'atMost'>): void {
    this.#clicks = clicks;
    this.#low = Math.max(this.#low, clicks - atMost);
    this.#high = Math.min(this.#high, clicks - atLeast);
  }

  get isCertain(): boolean {
    return this.#low === this.#high || this.#difference !== 0;
  }

  /** The smallest that is possible. */
  get #difference(): number {
    if (this.#low > 0) return this.#low;
    return Math.min(0, this.#high);
  }

  rule(rollup: string): Conservation {
    return new Tally()
      .add(`ads.${rollup.replaceAll(' ', '_')}`, this.#clicks - this.#difference, this.#clicks)
      .rule(
        `raw rows = clicks in ${rollup}`,
        'rows of ads.clicks or of the rollup were removed or doubled by anything but the sink: answers of days without a run are wrong by that much; derive the days concerned anew from the archive (clickledger replay)',
      );
  }
}
