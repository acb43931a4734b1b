-- Clicks of one event day from one range of one partition, from their text lines.
-- The clicks of a row group stay in memory until it is written and cannot be spilled: 20,480 of the longest take 10 MB;
-- the default size would take 60 MB, which is too much. For the same reason annotations become maps after the sort.
-- Which expression makes them says the caller: where no click of a day has any, an empty map takes less time.
COPY (
    SELECT
        event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at,
        $topic_partition::VARCHAR AS topic_partition,
        topic_offset,
        ({annotations})::MAP(VARCHAR, VARCHAR) AS annotations
    FROM (
        FROM read_csv(
            $lines,
            auto_detect = false, header = false, delim = '\t', quote = '', escape = '', new_line = '\n', parallel = false,
            max_line_size = 4096, buffer_size = 1048576,
            columns = {
                topic_offset: 'BIGINT', arrived_at: 'BIGINT', click_timestamp: 'BIGINT',
                event_id: 'VARCHAR', ad_id: 'VARCHAR', user_id: 'VARCHAR', ip: 'VARCHAR', country: 'VARCHAR',
                annotations: 'VARCHAR'
            }
        )
        ORDER BY click_timestamp, topic_offset
    )
) TO $path (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480);
