SELECT
    countIf(({of_impressions:Bool} AND impressions_run + impressions_realtime > 0)
         OR ({of_clicks:Bool} AND clicks_run + clicks_realtime > 0)
         OR ({of_conversions:Bool} AND conversions_run + conversions_realtime > 0)) AS rows_in_all,
    sum(impressions_run) AS impressions_of_runs,
    sum(impressions_realtime) AS impressions_of_realtime,
    sum(clicks_run) AS clicks_of_runs,
    sum(clicks_realtime) AS clicks_of_realtime,
    sum(conversions_run) AS conversions_of_runs,
    sum(conversions_realtime) AS conversions_of_realtime
FROM ({rows})
