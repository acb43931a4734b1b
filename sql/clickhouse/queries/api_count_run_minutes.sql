-- Whole minutes of published days, from their runs.
SELECT intDiv(toUnixTimestamp(click_minute) * 1000 - {start_ms:Int64}, {piece_ms:Int64}) AS piece, sum(clicks) AS clicks
FROM clicks_per_minute_batch
WHERE ad_id = {ad_id:String}
  AND click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
  AND (toDate(click_minute), run) IN {runs:Array(Tuple(Date, UInt32))}
  AND ads_matches_country({filter:Map(String, Array(String))}, country)
GROUP BY piece
