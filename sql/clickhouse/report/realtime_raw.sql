-- Raw rows of days without a run, as they are; as of a past time, those that had arrived. from_ms and to_ms bound all
-- ranges.
SELECT {key1} AS key1, {key2} AS key2, count() AS events
FROM {database}.clicks
WHERE click_timestamp >= fromUnixTimestamp64Milli({part_from_ms:Int64}, 'UTC')
  AND click_timestamp < fromUnixTimestamp64Milli({part_to_ms:Int64}, 'UTC')
  AND arrayExists((from_ms, to_ms) -> toUnixTimestamp64Milli(click_timestamp) >= from_ms
                                       AND toUnixTimestamp64Milli(click_timestamp) < to_ms,
                  {part_froms:Array(Int64)}, {part_tos:Array(Int64)})
  AND ({arrived_by_ms:Nullable(Int64)} IS NULL
       OR arrived_at <= fromUnixTimestamp64Milli(assumeNotNull({arrived_by_ms:Nullable(Int64)}), 'UTC'))
  AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
  {ads}
GROUP BY key1, key2
