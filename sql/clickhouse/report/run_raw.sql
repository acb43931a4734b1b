-- Raw events that runs have counted: on their days, below their cuts, each event once.
SELECT {key1} AS key1, {key2} AS key2, count() AS events
FROM
(
    SELECT DISTINCT event_id, ad_id, click_timestamp, user_id, ip, country
    FROM {database}.clicks
    WHERE click_timestamp >= fromUnixTimestamp64Milli({part_from_ms:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({part_to_ms:Int64}, 'UTC')
      AND topic_offset < {part_highest_cut:UInt64}
      AND topic_offset < {part_cuts:Map(Date, Map(String, UInt64))}[toDate(click_timestamp)][topic_partition]
      AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
      {ads}
)
GROUP BY key1, key2
