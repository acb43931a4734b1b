-- Whole minutes of days without a run. from_s and to_s bound all ranges, so that the primary key is of use.
SELECT intDiv(toUnixTimestamp(click_minute) * 1000 - {start_ms:Int64}, {piece_ms:Int64}) AS piece, sum(clicks) AS clicks
FROM ads.minutes_by_ad
WHERE ad_id = {ad_id:String}
  AND click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
  AND arrayExists((from_s, to_s) -> toUnixTimestamp(click_minute) >= from_s AND toUnixTimestamp(click_minute) < to_s,
                  {froms:Array(UInt32)}, {tos:Array(UInt32)})
  AND ads_matches_country({filter:Map(String, Array(String))}, country)
GROUP BY piece
