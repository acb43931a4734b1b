-- Whole minutes of published days, from their runs.
SELECT CAST(piece AS STRING) AS piece, CAST(sum(clicks) AS STRING) AS clicks
FROM (
    SELECT (click_minute - {start_ms}) DIV {piece_ms} AS piece, clicks
    FROM clicks_per_minute_runs
    WHERE ad_id = {ad_id}
      AND click_minute >= {from_ms} AND click_minute < {to_ms}
      AND {runs}
      AND {filter}
) minutes
GROUP BY piece
