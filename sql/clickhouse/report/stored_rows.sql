SELECT key1, key2, impressions_run, impressions_realtime, clicks_run, clicks_realtime, conversions_run, conversions_realtime
FROM ads.report_rows
WHERE snapshot = {snapshot:UUID}
