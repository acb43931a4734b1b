-- Whether any rows of published days are at or after their cuts. lowest_cut lets the primary key skip rows that
-- cannot be (except in partitions that some cut does not name).
SELECT count() AS clicks
FROM clicks
WHERE (empty({ad_ids:Array(String)}) OR ad_id IN {ad_ids:Array(String)})
  AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
  AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND mapContains({cuts:Map(Date, Map(String, UInt64))}, toDate(click_timestamp))
  AND ({arrived_by_ms:Nullable(Int64)} IS NULL
       OR arrived_at <= fromUnixTimestamp64Milli(assumeNotNull({arrived_by_ms:Nullable(Int64)}), 'UTC'))
  AND (topic_offset >= {lowest_cut:UInt64} OR topic_partition NOT IN {cut_partitions:Array(String)})
  AND topic_offset >= {cuts:Map(Date, Map(String, UInt64))}[toDate(click_timestamp)][topic_partition]
  AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
