-- Asked for and neither done nor given up, the oldest first.
SELECT
    request,
    toString(any(from_day)) AS from_day,
    toString(any(to_day)) AS to_day,
    argMin(reason, recorded_at) AS reason,
    argMin(requested_by, recorded_at) AS requested_by
FROM ads.run_requests
GROUP BY request
HAVING countIf(state != 'asked') = 0
ORDER BY min(recorded_at), request
