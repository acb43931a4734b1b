-- Which runs' minutes there are. A partition is one run of one day, and goes as a whole.
SELECT DISTINCT partition_id
FROM system.parts
WHERE active AND database = 'ads' AND table = 'clicks_per_minute_batch' AND partition_id IN {partitions:Array(String)}
