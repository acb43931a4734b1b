-- Requests neither done nor given up, with their days; and the one that is named, whatever came of it.
SELECT
    event.request AS request,
    dateDiff('day', any(event.from_day), any(event.to_day)) AS days,
    toBool(countIf(event.state IN ('done', 'failed')) = 0) AS is_open
FROM run_requests AS event
GROUP BY event.request
HAVING is_open OR event.request = {request:String}
