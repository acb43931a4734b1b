-- Whole minutes of days without a run. from_s and to_s bound all ranges.
SELECT {key1} AS key1, {key2} AS key2, sum(clicks) AS events
FROM {database}.minutes_by_minute
WHERE click_minute >= toDateTime({part_from_s:UInt32}, 'UTC') AND click_minute < toDateTime({part_to_s:UInt32}, 'UTC')
  AND arrayExists((from_s, to_s) -> toUnixTimestamp(click_minute) >= from_s AND toUnixTimestamp(click_minute) < to_s,
                  {part_froms:Array(UInt32)}, {part_tos:Array(UInt32)})
  AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
  AND ads_matches_country({filter:Map(String, Array(String))}, country)
GROUP BY key1, key2
