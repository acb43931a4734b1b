import { type BatchEngines, withBatchHive } from '../../batch/run/engines.ts';
import type { Click } from '../../domain/click/click.ts';
import { minuteOf } from '../../domain/time.ts';
import { rows } from '../../infra/clients/clickhouse.ts';

/** ad|minute|country → clicks, each distinct tuple once; counted independently. */
export function oracle(clicks: Click[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const tuple of new Set(clicks.map((click) => JSON.stringify(click)))) {
    const { ad_id, click_timestamp, country } = JSON.parse(tuple) as Click;
    const key = `${ad_id}|${minuteOf(click_timestamp)}|${country}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

export interface MinuteRow {
  ad_id: string;
  minute: number;
  country: string;
  clicks: number;
}

export const countsOf = (found: MinuteRow[]): Record<string, number> =>
  Object.fromEntries(found.map(({ ad_id, minute, country, clicks }) => [`${ad_id}|${minute}|${country}`, clicks]));

/** Minutes of the ads whose ids begin so, as ClickHouse answers for the day. */
export const minutesInClickHouse = async (
  { clickhouse }: Pick<BatchEngines, 'clickhouse'>,
  day: string,
  prefix: string,
) =>
  countsOf(
    await rows<MinuteRow>(
      clickhouse,
      `SELECT ad_id, toUnixTimestamp(click_minute) * 1000 AS minute, country, clicks FROM ads.clicks_per_minute
       WHERE toDate(click_minute) = {day:Date} AND startsWith(ad_id, {prefix:String})`,
      { day, prefix },
    ),
  );

/** All minutes of the day, as Hive answers. */
export const minutesInHive = (engines: BatchEngines, day: string) =>
  withBatchHive(engines, async (hive) =>
    countsOf(
      await hive.rows<MinuteRow>(
        `SELECT ad_id, click_minute AS minute, country, clicks FROM ads.clicks_per_minute WHERE dt = '${day}'`,
      ),
    ),
  );
