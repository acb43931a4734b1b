-- Current state of each replay; if a day is given, only of replays that include it.
SELECT
    event.replay AS replay,
    argMax(event.state, event.recorded_at) AS state,
    toString(any(event.from_date)) AS from,
    toString(any(event.to_date)) AS to,
    any(event.reason) AS reason,
    any(event.requested_by) AS requested_by,
    min(event.started_at) AS started_at,
    max(event.recorded_at) AS recorded_at,
    argMax(event.months, event.recorded_at) AS months,
    argMax(event.cut, event.recorded_at) AS cut,
    argMax(event.inputs, event.recorded_at) AS inputs,
    argMax(event.before, event.recorded_at) AS before,
    argMax(event.after, event.recorded_at) AS after,
    argMax(event.note, event.recorded_at) AS note
FROM replays AS event
WHERE {day:Nullable(Date)} IS NULL OR (event.from_date <= {day:Nullable(Date)} AND event.to_date > {day:Nullable(Date)})
GROUP BY event.replay
ORDER BY replay
