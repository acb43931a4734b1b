-- Raw rows of days without a run, without deduplication, like the minutes; as of a past time, those that had
-- arrived. Serves several questions: question n counts ad {ad_ids}[n] in each range with its number in {ns}, by
-- pieces of {lengths}[n] ms starting at {starts}[n]. from_ms and to_ms bound all ranges.
SELECT n, intDiv(ms - {starts:Array(Int64)}[n], {lengths:Array(Int64)}[n]) AS piece, count() AS clicks
FROM
(
    SELECT ad_id, toUnixTimestamp64Milli(click_timestamp) AS ms
    FROM clicks
    WHERE ad_id IN {ad_ids:Array(String)}
      AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
      AND ({arrived_by_ms:Nullable(Int64)} IS NULL
           OR arrived_at <= fromUnixTimestamp64Milli(assumeNotNull({arrived_by_ms:Nullable(Int64)}), 'UTC'))
      AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
)
ARRAY JOIN arrayFilter((n, from_ms, to_ms) -> {ad_ids:Array(String)}[n] = ad_id AND ms >= from_ms AND ms < to_ms,
                       {ns:Array(UInt32)}, {froms:Array(Int64)}, {tos:Array(Int64)}) AS n
GROUP BY n, piece
