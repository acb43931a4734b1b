-- The first ads of a few runs. There may be others between them, of other runs; behind the last of them nothing has to be
-- looked for.
SELECT ad_id
FROM clicks_per_minute_batch
WHERE ad_id > {after:String} AND startsWith(ad_id, {prefix:String})
  AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
  AND (toDate(click_minute), run) IN {runs:Array(Tuple(Date, UInt32))}
GROUP BY ad_id
ORDER BY ad_id
LIMIT {limit:UInt32}
SETTINGS optimize_aggregation_in_order = 1
