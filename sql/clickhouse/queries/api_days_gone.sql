-- Days of a range with clicks (of an ad; '': of any) that arrived before a month: read from the minutes, which
-- outlive the raw rows. What is on record as gone of the minutes is, too, and for arrivals before there was a record the
-- ledger is used: a day is counted soon after its clicks came.
SELECT DISTINCT toString(toDate(click_minute)) AS date
FROM minutes_by_ad
WHERE arrival_month < {month:UInt32}
  AND {ad_id:String} != '' AND ad_id = {ad_id:String}
  AND click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
UNION DISTINCT
SELECT DISTINCT toString(toDate(click_minute)) AS date
FROM minutes_by_minute
WHERE arrival_month < {month:UInt32}
  AND {ad_id:String} = ''
  AND click_minute >= toDateTime({from_s:UInt32}, 'UTC') AND click_minute < toDateTime({to_s:UInt32}, 'UTC')
UNION DISTINCT
SELECT DISTINCT toString(gone.day) AS date
FROM minutes_gone AS gone
WHERE gone.run = 0 AND gone.day >= {from_day:Date} AND gone.day <= {to_day:Date}
UNION DISTINCT
SELECT toString(event.date) AS date
FROM ledger AS event
WHERE event.state = 'published' AND event.run > 0
  AND event.date >= {from_day:Date} AND event.date <= {to_day:Date}
GROUP BY event.date
HAVING min(event.recorded_at) < fromUnixTimestamp64Milli({counted_before_ms:Int64}, 'UTC')
