-- Whole published days (UTC). No minute is named, so that the projection by_day answers.
SELECT {key1} AS key1, {key2} AS key2, sum(clicks) AS events
FROM {database}.clicks_per_minute_batch
WHERE (toDate(click_minute), run) IN {part_runs:Array(Tuple(Date, UInt32))}
  {ads}
  {countries}
GROUP BY key1, key2
