-- Days of a range that clicks of an ad had arrived for before a month: what minutes still tell after the raw rows went.
SELECT DISTINCT toString(toDate(click_minute)) AS date
FROM ads.minutes_by_ad
WHERE arrival_month < {month:UInt32}
  AND ad_id = {ad_id:String}
  AND click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
  AND ads_matches_country({filter:Map(String, Array(String))}, country)
