-- Clicks of published days that arrived only at or after the cut: a duplicate of a click that the run has counted is
-- not late.
SELECT count() AS clicks
FROM
(
    SELECT event_id, ad_id, click_timestamp, user_id, ip, country
    FROM clicks
    WHERE (empty({ad_ids:Array(String)}) OR ad_id IN {ad_ids:Array(String)})
      AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
      AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
      AND mapContains({cuts:Map(Date, Map(String, UInt64))}, toDate(click_timestamp))
      AND ({arrived_by_ms:Nullable(Int64)} IS NULL
           OR arrived_at <= fromUnixTimestamp64Milli(assumeNotNull({arrived_by_ms:Nullable(Int64)}), 'UTC'))
      AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
    GROUP BY event_id, ad_id, click_timestamp, user_id, ip, country
    HAVING min(topic_offset >= {cuts:Map(Date, Map(String, UInt64))}[toDate(click_timestamp)][topic_partition])
)
