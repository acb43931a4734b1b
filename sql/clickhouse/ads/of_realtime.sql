-- The first ads of days without a run, with the minutes of their first and last events. Read in the order of the table, so
-- that a page reads its own ads and no others.
SELECT ad_id, toUnixTimestamp(min(click_minute)) AS first_s, toUnixTimestamp(max(click_minute)) AS last_s
FROM minutes_by_ad
WHERE ad_id > {after:String} AND startsWith(ad_id, {prefix:String})
  AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
  AND ({ranges})
GROUP BY ad_id
ORDER BY ad_id
LIMIT {limit:UInt32}
SETTINGS optimize_aggregation_in_order = 1
