-- Published days with rows at or after their cuts. lowest_cut lets the primary key skip rows that cannot be (except
-- in partitions that some cut does not name).
SELECT DISTINCT toString(toDate(click_timestamp)) AS date
FROM clicks
WHERE click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND mapContains({cuts:Map(Date, Map(String, UInt64))}, toDate(click_timestamp))
  AND (topic_offset >= {lowest_cut:UInt64} OR topic_partition NOT IN {cut_partitions:Array(String)})
  AND topic_offset >= {cuts:Map(Date, Map(String, UInt64))}[toDate(click_timestamp)][topic_partition]
