-- Days of a range that clicks (of an ad; '': of any) had arrived for before a month: what minutes still tell after the raw
-- rows went. Of what came before the minutes that are kept, the ledger tells: a day is counted soon after its clicks came.
SELECT DISTINCT toString(toDate(click_minute)) AS date
FROM ads.minutes_by_ad
WHERE arrival_month < {month:UInt32}
  AND {ad_id:String} != '' AND ad_id = {ad_id:String}
  AND click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
UNION DISTINCT
SELECT DISTINCT toString(toDate(click_minute)) AS date
FROM ads.minutes_by_minute
WHERE arrival_month < {month:UInt32}
  AND {ad_id:String} = ''
  AND click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
UNION DISTINCT
SELECT toString(event.date) AS date
FROM ads.ledger AS event
WHERE event.state = 'published' AND event.run > 0
  AND event.date >= {from_day:Date} AND event.date <= {to_day:Date}
GROUP BY event.date
HAVING min(event.recorded_at) < fromUnixTimestamp64Milli({counted_before_ms:Int64}, 'UTC')
