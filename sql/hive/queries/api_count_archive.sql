-- Archived clicks that runs have counted: on their days, below their cuts, each click once.
SELECT CAST(piece AS STRING) AS piece, CAST(count(*) AS STRING) AS clicks
FROM (
    SELECT (click_timestamp - {start_ms}) DIV {piece_ms} AS piece
    FROM (
        SELECT event_id, ad_id, click_timestamp, user_id, ip, country, {address} AS address
        FROM archived_clicks
        WHERE ad_id = {ad_id}
          AND click_timestamp >= {from_ms} AND click_timestamp < {to_ms}
          AND {days}
    ) counted
    WHERE {filter}
    GROUP BY event_id, ad_id, click_timestamp, user_id, ip, country
) distinct_clicks
GROUP BY piece
