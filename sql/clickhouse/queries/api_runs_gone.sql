-- Published runs whose minutes are not there. A partition is one run of one day, and goes as a whole; a run
-- without clicks never had one.
SELECT DISTINCT toString(event.date) AS date, event.run AS run
FROM ledger AS event
WHERE event.state = 'published' AND event.clicks > 0
  AND (event.date, event.run) IN {runs:Array(Tuple(Date, UInt32))}
  AND concat(formatDateTime(event.date, '%Y%m%d'), '-', toString(event.run)) NOT IN
  (
      SELECT partition_id
      FROM system.parts
      WHERE active AND database = currentDatabase() AND table = 'clicks_per_minute_batch'
  )
