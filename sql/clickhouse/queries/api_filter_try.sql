-- What a filter would match of the clicks of a few minutes, as they came: the ads with most of them, and on each row how
-- many of how many clicks match.
SELECT ad_id, matched AS count, sum(matched) OVER () AS clicks, sum(counted) OVER () AS of
FROM
(
    SELECT
        ad_id,
        count() AS counted,
        countIf(ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)) AS matched
    FROM clicks
    WHERE click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    GROUP BY ad_id
)
ORDER BY matched DESC, ad_id
LIMIT {limit:UInt32}
