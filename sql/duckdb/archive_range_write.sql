-- The clicks of a row group are in memory until it is written, where they cannot be spilled: 20,480 of the longest take
-- 10 MB, and 60 MB would not be there.
COPY (
    FROM sorted_{range}
    WHERE click_timestamp >= $day_number * 86400000 AND click_timestamp < ($day_number + 1) * 86400000
    ORDER BY click_timestamp, topic_offset
) TO $path (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480);
