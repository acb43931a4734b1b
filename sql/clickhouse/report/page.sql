-- A page of the rows of a report. A count is null where the kind was not run: a row begins before it was.
WITH
    greatest(if({time1:Bool}, toInt64OrZero(key1), 0), if({time2:Bool}, toInt64OrZero(key2), 0)) AS begins_s,
    impressions_run + impressions_realtime AS impressions_counted,
    clicks_run + clicks_realtime AS clicks_counted,
    conversions_run + conversions_realtime AS conversions_counted
SELECT
    key1,
    key2,
    impressions_run,
    impressions_realtime,
    clicks_run,
    clicks_realtime,
    conversions_run,
    conversions_realtime,
    if(begins_s < {impressions_since_s:Int64}, NULL, impressions_counted) AS impressions,
    if(begins_s < {clicks_since_s:Int64}, NULL, clicks_counted) AS clicks,
    if(begins_s < {conversions_since_s:Int64}, NULL, conversions_counted) AS conversions,
    clicks / nullIf(impressions, 0) AS ctr,
    conversions / nullIf(clicks, 0) AS cvr
FROM ({rows})
WHERE (({of_impressions:Bool} AND impressions_counted > 0)
    OR ({of_clicks:Bool} AND clicks_counted > 0)
    OR ({of_conversions:Bool} AND conversions_counted > 0))
  AND impressions_counted >= {min_impressions:UInt64}
  AND clicks_counted >= {min_clicks:UInt64}
  AND (NOT {only_ordered:Bool} OR {is_ordered})
ORDER BY {order} {direction} NULLS LAST, {key1} {ties} NULLS LAST, {key2} {ties} NULLS LAST
LIMIT {limit:UInt32} OFFSET {offset:UInt64}
