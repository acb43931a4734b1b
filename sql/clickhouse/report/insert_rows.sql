INSERT INTO ads.report_rows
    (snapshot, key1, key2, impressions_run, impressions_realtime, clicks_run, clicks_realtime, conversions_run, conversions_realtime)
SELECT {snapshot:UUID}, *
FROM ({counts})
