COPY (
    FROM sorted_{range}
    WHERE click_timestamp >= $day_number * 86400000 AND click_timestamp < ($day_number + 1) * 86400000
    ORDER BY click_timestamp, topic_offset
) TO $path (FORMAT parquet, COMPRESSION zstd);
