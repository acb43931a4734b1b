-- Whole minutes of days without a run, for several questions as in api_count_realtime_raw.sql.
SELECT n, intDiv(ms - {starts:Array(Int64)}[n], {lengths:Array(Int64)}[n]) AS piece, sum(clicks) AS clicks
FROM
(
    SELECT ad_id, toInt64(toUnixTimestamp(click_minute)) * 1000 AS ms, clicks
    FROM minutes_by_ad
    WHERE ad_id IN {ad_ids:Array(String)}
      AND click_minute >= toDateTime(intDiv({from_ms:Int64}, 1000), 'UTC')
      AND click_minute < toDateTime(intDiv({to_ms:Int64}, 1000), 'UTC')
      AND ads_matches_country({filter:Map(String, Array(String))}, country)
)
ARRAY JOIN arrayFilter((n, from_ms, to_ms) -> {ad_ids:Array(String)}[n] = ad_id AND ms >= from_ms AND ms < to_ms,
                       {ns:Array(UInt32)}, {froms:Array(Int64)}, {tos:Array(Int64)}) AS n
GROUP BY n, piece
