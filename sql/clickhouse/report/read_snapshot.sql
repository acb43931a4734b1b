SELECT state
FROM ads.report_snapshots
WHERE snapshot = {snapshot:UUID} AND made_at > now() - INTERVAL 1 HOUR
LIMIT 1
