-- Raw rows of days without a run, counted as they are, like the minutes are; as of a past time, those that had arrived.
SELECT intDiv(toUnixTimestamp64Milli(click_timestamp) - {start_ms:Int64}, {piece_ms:Int64}) AS piece, count() AS clicks
FROM ads.clicks
WHERE ad_id = {ad_id:String}
  AND click_timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
  AND click_timestamp < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND arrayExists((from_ms, to_ms) -> toUnixTimestamp64Milli(click_timestamp) >= from_ms
                                       AND toUnixTimestamp64Milli(click_timestamp) < to_ms,
                  {froms:Array(Int64)}, {tos:Array(Int64)})
  AND ({arrived_by_ms:Nullable(Int64)} IS NULL
       OR arrived_at <= fromUnixTimestamp64Milli(assumeNotNull({arrived_by_ms:Nullable(Int64)}), 'UTC'))
  AND ads_matches({filter:Map(String, Array(String))}, country, ip, user_id)
GROUP BY piece
