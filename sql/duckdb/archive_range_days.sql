SELECT
    click_timestamp // 86400000 AS day_number,
    count(*) AS clicks,
    min(topic_offset) AS min_topic_offset,
    max(topic_offset) AS max_topic_offset
FROM sorted_{range}
GROUP BY day_number
ORDER BY day_number;
