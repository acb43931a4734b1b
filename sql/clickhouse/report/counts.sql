-- The counts of all kinds by the keys of a report, of runs and of real time. Nothing is joined before the counts are made.
SELECT
    key1,
    key2,
    sumIf(events, event = 'impression' AND is_run) AS impressions_run,
    sumIf(events, event = 'impression' AND NOT is_run) AS impressions_realtime,
    sumIf(events, event = 'click' AND is_run) AS clicks_run,
    sumIf(events, event = 'click' AND NOT is_run) AS clicks_realtime,
    sumIf(events, event = 'conversion' AND is_run) AS conversions_run,
    sumIf(events, event = 'conversion' AND NOT is_run) AS conversions_realtime
FROM
(
    SELECT '' AS key1, '' AS key2, toUInt64(0) AS events, '' AS event, false AS is_run WHERE 0
    {parts}
)
GROUP BY key1, key2
