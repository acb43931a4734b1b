-- Raw clicks that runs have counted: on their days, below their cuts, each click once. (A partition absent from a
-- cut, and a day without a cut, have the cut 0.)
SELECT intDiv(toUnixTimestamp64Milli(click_timestamp) - {start_ms:Int64}, {piece_ms:Int64}) AS piece, count() AS clicks
FROM
(
    SELECT DISTINCT event_id, ad_id, click_timestamp, user_id, ip, country
    FROM clicks
    WHERE ad_id = {ad_id:String}
      AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
      AND topic_offset < {highest_cut:UInt64}
      AND topic_offset < {cuts:Map(Date, Map(String, UInt64))}[toDate(click_timestamp)][topic_partition]
      AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
)
GROUP BY piece
