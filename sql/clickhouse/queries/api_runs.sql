SELECT *
FROM batch_runs
WHERE (empty({dates:Array(Date)}) OR date IN {dates:Array(Date)})
  AND (empty({requests:Array(String)}) OR request IN {requests:Array(String)})
ORDER BY date DESC, run DESC
LIMIT {limit:UInt32}
