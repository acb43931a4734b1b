-- The most clicked ads of whole minutes: published days from their runs, ranges of other days from real time.
SELECT ad_id, sum(run_clicks) AS run_clicks, sum(realtime_clicks) AS realtime_clicks
FROM
(
    SELECT ad_id, sum(clicks) AS run_clicks, 0 AS realtime_clicks
    FROM clicks_per_minute_batch
    WHERE click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
      AND (toDate(click_minute), run) IN {runs:Array(Tuple(Date, UInt32))}
      AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
      AND ads_matches_country({filter:Map(String, Array(String))}, country)
    GROUP BY ad_id
    UNION ALL
    SELECT ad_id, 0 AS run_clicks, sum(clicks) AS realtime_clicks
    FROM minutes_by_minute
    WHERE click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
      AND arrayExists((from_s, to_s) -> toUnixTimestamp(click_minute) >= from_s AND toUnixTimestamp(click_minute) < to_s,
                      {froms:Array(UInt32)}, {tos:Array(UInt32)})
      AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
      AND ads_matches_country({filter:Map(String, Array(String))}, country)
    GROUP BY ad_id
)
GROUP BY ad_id
ORDER BY run_clicks + realtime_clicks DESC, ad_id ASC
LIMIT {limit:UInt32}
