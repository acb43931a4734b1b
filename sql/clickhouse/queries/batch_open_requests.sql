-- Requests neither done nor given up, the oldest first.
SELECT
    event.request AS request,
    toString(any(event.from_day)) AS from_day,
    toString(any(event.to_day)) AS to_day,
    any(event.reason) AS reason,
    any(event.requested_by) AS requested_by
FROM run_requests AS event
GROUP BY event.request
HAVING countIf(event.state != 'asked') = 0
ORDER BY min(event.recorded_at), event.request
