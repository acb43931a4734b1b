-- The most clicked ads among archived clicks that runs have counted.
SELECT ad_id, CAST(total AS STRING) AS clicks
FROM (
    SELECT ad_id, count(*) AS total
    FROM (
        SELECT ad_id
        FROM (
            SELECT event_id, ad_id, click_timestamp, user_id, ip, country, {address} AS address
            FROM archived_clicks
            WHERE click_timestamp >= {from_ms} AND click_timestamp < {to_ms}
              AND {days}
              AND {ads}
        ) counted
        WHERE {filter}
        GROUP BY event_id, ad_id, click_timestamp, user_id, ip, country
    ) distinct_clicks
    GROUP BY ad_id
) ads
ORDER BY total DESC, ad_id ASC
LIMIT {limit}
