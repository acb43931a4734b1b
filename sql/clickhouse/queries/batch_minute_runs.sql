-- Runs that have minutes, and their bytes. A partition is one run of one day: '20210105-3'.
SELECT
    toString(toDate(parseDateTimeBestEffort(splitByChar('-', partition_id)[1], 'UTC'), 'UTC')) AS day,
    toUInt32(splitByChar('-', partition_id)[2]) AS run,
    toUInt64(sum(bytes_on_disk)) AS bytes
FROM system.parts
WHERE active AND database = currentDatabase() AND table = 'clicks_per_minute_batch'
GROUP BY partition_id
ORDER BY day, run
