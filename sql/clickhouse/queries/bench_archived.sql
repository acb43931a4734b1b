-- Clicks in the files of a Parquet table, and the size of all files.
SELECT sum(file_clicks) AS clicks, sum(file_bytes) AS bytes, count() AS files
FROM (SELECT count() AS file_clicks, any(_size) AS file_bytes FROM ads.{archived:Identifier} GROUP BY _path)
