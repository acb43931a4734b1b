-- Nobody knows whether a request was carried out after the backup, and some may not be carried out twice (a roll-back).
INSERT INTO {database}.run_requests ({columns})
SELECT {columns}
FROM
(
    SELECT * REPLACE ('failed' AS state, '' AS day, '' AS step, '' AS result, {note:String} AS note,
                      now64(3, 'UTC') AS recorded_at)
    FROM {database}.run_requests AS asked
    WHERE asked.request NOT IN (SELECT request FROM {database}.run_requests WHERE state IN ('done', 'failed'))
    LIMIT 1 BY asked.request
)
