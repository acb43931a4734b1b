SELECT count() AS documents, sum(clicks) AS clicks
FROM clicks_per_minute_batch
WHERE _partition_id = {partition:String}
