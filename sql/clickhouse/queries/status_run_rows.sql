-- Clicks of runs as loaded; `20210105-3` is the third run of a day.
SELECT _partition_id AS partition, sum(clicks) AS clicks
FROM clicks_per_minute_batch
WHERE _partition_id IN {partitions:Array(String)}
GROUP BY partition
