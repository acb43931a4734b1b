-- Whole minutes of published days, from their runs.
SELECT {key1} AS key1, {key2} AS key2, sum(clicks) AS events
FROM {database}.clicks_per_minute_batch
WHERE click_minute >= toDateTime({part_from_s:UInt32}, 'UTC') AND click_minute < toDateTime({part_to_s:UInt32}, 'UTC')
  AND (toDate(click_minute), run) IN {part_runs:Array(Tuple(Date, UInt32))}
  {ads}
  {countries}
GROUP BY key1, key2
