COPY (
    SELECT ad_id, click_minute, country, count(*) AS clicks, sum(copies) AS archived, sum(late) AS late_included
    FROM (
        SELECT
            ad_id,
            click_timestamp - click_timestamp % 60000 AS click_minute,
            country,
            count(*) AS copies,
            sum(CASE WHEN topic_offset >= $rows THEN 1 ELSE 0 END) AS late
        FROM read_parquet($clicks)
        WHERE topic_offset < $rows
        GROUP BY event_id, ad_id, click_timestamp, user_id, ip, country
    )
    GROUP BY ad_id, click_minute, country
) TO $path (FORMAT parquet);
