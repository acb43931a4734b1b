-- Whole minutes of days without a run, from the table whose order suits the question. from_s and to_s bound all ranges.
SELECT {key1} AS key1, {key2} AS key2, sum(clicks) AS events
FROM {database}.{minutes}
WHERE click_minute >= toDateTime({part_from_s:UInt32}, 'UTC') AND click_minute < toDateTime({part_to_s:UInt32}, 'UTC')
  AND arrayExists((from_s, to_s) -> toUnixTimestamp(click_minute) >= from_s AND toUnixTimestamp(click_minute) < to_s,
                  {part_froms:Array(UInt32)}, {part_tos:Array(UInt32)})
  {ads}
  {countries}
GROUP BY key1, key2
