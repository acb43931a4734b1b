-- The counts of all kinds by names of ads: counted by ad and by what its names were valid from, then given the names that
-- held at that time. at_s: a second at which the same names held as at the event.
SELECT
    {key1} AS key1,
    {key2} AS key2,
    sumIf(events, event = 'impression' AND is_run) AS impressions_run,
    sumIf(events, event = 'impression' AND NOT is_run) AS impressions_realtime,
    sumIf(events, event = 'click' AND is_run) AS clicks_run,
    sumIf(events, event = 'click' AND NOT is_run) AS clicks_realtime,
    sumIf(events, event = 'conversion' AND is_run) AS conversions_run,
    sumIf(events, event = 'conversion' AND NOT is_run) AS conversions_realtime
FROM
(
    SELECT '' AS ad_id, toInt64(0) AS at_s, '' AS other, toUInt64(0) AS events, '' AS event, false AS is_run WHERE 0
    {parts}
) AS counted
ASOF LEFT JOIN ({names}) AS names ON names.ad_id = counted.ad_id AND names.valid_from_s <= counted.at_s
GROUP BY key1, key2
