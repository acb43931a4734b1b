-- One day of clicks as the archive has it: every hundredth message is a duplicate of the previous one. With ads =
-- rows / 43,200, ten clicks share a minute, an ad and one of three countries.
COPY (
    SELECT
        md5(click::VARCHAR) AS event_id,
        'ad' || lpad((hash(click) % $ads)::VARCHAR, 4, '0') AS ad_id,
        ($start_ms + click * 86400000 // $rows::BIGINT)::BIGINT AS click_timestamp,
        'user ' || visitor AS user_id,
        concat_ws('.', 11 + visitor % 200, visitor % 251, visitor % 241, visitor % 239) AS ip,
        ['USA', 'DEU', 'IND'][1 + visitor % 3] AS country,
        ($start_ms + message * 86400000 // $rows::BIGINT)::BIGINT + 500 AS arrived_at,
        $topic || '-0' AS topic_partition,
        message AS topic_offset
    FROM (
        SELECT message, click, (hash(click + 1000000007) % 50000)::BIGINT AS visitor
        FROM (
            SELECT message, CASE WHEN message % 100 = 99 THEN message - 1 ELSE message END AS click
            FROM range($rows::BIGINT) AS messages(message)
        )
    )
) TO $path (FORMAT parquet, COMPRESSION zstd);
