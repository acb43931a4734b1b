-- The same from raw clicks, for filters on fields that minutes do not have.
SELECT ad_id, sum(run_clicks) AS run_clicks, sum(realtime_clicks) AS realtime_clicks
FROM
(
    SELECT ad_id, count() AS run_clicks, 0 AS realtime_clicks
    FROM
    (
        SELECT DISTINCT event_id, ad_id, click_timestamp, user_id, ip, country
        FROM clicks
        WHERE click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
          AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
          AND topic_offset < {highest_cut:UInt64}
          AND topic_offset < {cuts:Map(Date, Map(String, UInt64))}[toDate(click_timestamp)][topic_partition]
          AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
          AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
    )
    GROUP BY ad_id
    UNION ALL
    SELECT ad_id, 0 AS run_clicks, count() AS realtime_clicks
    FROM clicks
    WHERE click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
      AND arrayExists((from_ms, to_ms) -> toUnixTimestamp64Milli(click_timestamp) >= from_ms
                                           AND toUnixTimestamp64Milli(click_timestamp) < to_ms,
                      {froms:Array(Int64)}, {tos:Array(Int64)})
      AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
      AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
    GROUP BY ad_id
)
GROUP BY ad_id
ORDER BY run_clicks + realtime_clicks DESC, ad_id ASC
LIMIT {limit:UInt32}
