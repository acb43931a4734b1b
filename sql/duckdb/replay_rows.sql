-- Clicks of one range of one partition, in log order. Files from before there were annotations lack their column.
WITH archived AS (
    SELECT NULL::MAP(VARCHAR, VARCHAR) AS annotations WHERE false
    UNION ALL BY NAME
    FROM read_parquet($paths, union_by_name = true)
)
SELECT event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_offset, annotations
FROM archived
WHERE topic_offset >= $from_offset AND topic_offset < $to_offset
ORDER BY topic_offset;
