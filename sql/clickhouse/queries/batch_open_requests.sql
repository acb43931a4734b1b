-- Requests neither done nor given up, the oldest first; `over`: days that are settled, each with the reason why nothing
-- came of it.
SELECT
    event.request AS request,
    any(event.action) AS action,
    toString(any(event.from_day)) AS from_day,
    toString(any(event.to_day)) AS to_day,
    any(event.run) AS run,
    any(event.rejected_for) AS rejected_for,
    any(event.reason) AS reason,
    any(event.requested_by) AS requested_by,
    any(event.request_id) AS request_id,
    groupArrayIf(map('day', event.day, 'note', event.note), event.step = 'over') AS over
FROM run_requests AS event
GROUP BY event.request
HAVING countIf(event.state IN ('done', 'failed')) = 0
ORDER BY min(event.recorded_at), event.request
