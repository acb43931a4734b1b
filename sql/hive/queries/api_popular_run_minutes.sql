-- The most clicked ads of whole minutes of published days.
SELECT ad_id, CAST(total AS STRING) AS clicks
FROM (
    SELECT ad_id, sum(clicks) AS total
    FROM clicks_per_minute_runs
    WHERE click_minute >= {from_ms} AND click_minute < {to_ms}
      AND {runs}
      AND {filter}
      AND {ads}
    GROUP BY ad_id
) ads
ORDER BY total DESC, ad_id ASC
LIMIT {limit}
