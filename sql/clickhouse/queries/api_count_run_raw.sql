-- Raw clicks that runs have counted: of their days, below their cuts, each click once. (A partition that a cut does
-- not name, and a day without one, have the cut 0.)
SELECT intDiv(toUnixTimestamp64Milli(click_timestamp) - {start_ms:Int64}, {piece_ms:Int64}) AS piece, count() AS clicks
FROM
(
    SELECT DISTINCT event_id, ad_id, click_timestamp, user_id, ip, country
    FROM ads.clicks
    WHERE ad_id = {ad_id:String}
      AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
      AND topic_offset < {highest_cut:UInt64}
      AND topic_offset < {cuts:Map(Date, Map(String, UInt64))}[toDate(click_timestamp)][topic_partition]
      AND (empty({countries:Array(String)}) OR country IN {countries:Array(String)})
      AND (empty({user_ids:Array(String)}) OR user_id IN {user_ids:Array(String)})
      AND (empty({networks:Array(String)}) OR (isIPv4String(ip) OR isIPv6String(ip))
           AND arrayExists(network -> isIPAddressInRange(ip, network), {networks:Array(String)}))
)
GROUP BY piece
