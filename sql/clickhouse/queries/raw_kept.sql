-- since_ms: since when all raw rows are kept; droppable_before_ms: the same as announced before a time. 0: no record.
SELECT
    toUnixTimestamp64Milli(max(since)) AS since_ms,
    toUnixTimestamp64Milli(maxIf(since, announced_at < fromUnixTimestamp64Milli({announced_before_ms:Int64}, 'UTC'))) AS droppable_before_ms
FROM raw_kept
