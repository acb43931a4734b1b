-- A request to the nightly role and how far it has come, by all its rows.
SELECT
    any(event.action) AS action,
    toString(any(event.from_day)) AS from,
    toString(any(event.to_day)) AS to,
    any(event.run) AS run,
    any(event.rejected_for) AS rejected_for,
    any(event.reason) AS reason,
    any(event.requested_by) AS requested_by,
    any(event.request_id) AS request_id,
    min(event.recorded_at) AS asked_at,
    max(event.recorded_at) AS at,
    multiIf(countIf(event.state = 'failed') > 0, 'failed', countIf(event.state = 'done') > 0, 'done',
            countIf(event.state = 'working') > 0, 'working', 'asked') AS state,
    argMax((event.day, event.step), event.recorded_at) AS latest,
    latest.1 AS day,
    latest.2 AS step,
    uniqExactIf(event.day, event.step = 'over') AS days_over,
    anyIf(event.note, event.state IN ('done', 'failed')) AS note,
    groupArrayIf(event.result, event.result != '') AS results
FROM run_requests AS event
WHERE event.request = {request:String}
GROUP BY event.request
