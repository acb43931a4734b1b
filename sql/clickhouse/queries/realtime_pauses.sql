-- Pauses that have not been ended yet.
SELECT replay, step, max(until) > now64(3, 'UTC') AS in_force
FROM sink_pauses
GROUP BY replay, step
HAVING max(released) = 0
ORDER BY replay, step
