-- The most clicked ads of whole minutes in one range of days without a run. api_popular_minutes.sql would give the
-- same, but dashboards ask this all day, and preparing two tables and a list of ranges takes longer than reading it.
SELECT ad_id, 0 AS run_clicks, sum(clicks) AS realtime_clicks
FROM minutes_by_minute
WHERE click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
  AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
  AND ads_matches_country({filter:Map(String, Array(String))}, country)
GROUP BY ad_id
ORDER BY realtime_clicks DESC, ad_id ASC
LIMIT {limit:UInt32}
