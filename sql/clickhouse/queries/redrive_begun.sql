-- Clicks that killed re-drives may or may not have sent, and the position at which they arrived if they did ('' and
-- 0 if not). A click may equal one that came some other way: it is counted then, too. The time bounds let the skip
-- index exclude parts without any of them.
WITH
    begun AS
    (
        SELECT
            rejection,
            any(reason) AS reason,
            any(event_id) AS event_id,
            any(ad_id) AS ad_id,
            any(click_timestamp) AS click_timestamp,
            any(user_id) AS user_id,
            any(ip) AS ip,
            any(country) AS country,
            any(annotations) AS annotations
        FROM redriven
        WHERE rejected_topic = {rejected_topic:String}
        GROUP BY rejection
        HAVING countIf(state != 'sending') = 0
    ),
    (SELECT min(click_timestamp) FROM begun) AS first_at,
    (SELECT max(click_timestamp) FROM begun) AS last_at,
    arrived AS
    (
        SELECT event_id, ad_id, click_timestamp, user_id, ip, country, topic_partition, topic_offset
        FROM clicks
        WHERE event_id IN (SELECT event_id FROM begun) AND click_timestamp >= first_at AND click_timestamp <= last_at
        UNION ALL
        SELECT event_id, ad_id, click_timestamp, user_id, ip, country, topic_partition, topic_offset
        FROM copies_dropped
        WHERE event_id IN (SELECT event_id FROM begun) AND click_timestamp >= first_at AND click_timestamp <= last_at
    )
SELECT
    begun.rejection AS rejection,
    any(begun.reason) AS reason,
    any(begun.event_id) AS event_id,
    any(begun.ad_id) AS ad_id,
    toUnixTimestamp64Milli(any(begun.click_timestamp)) AS click_timestamp,
    any(begun.user_id) AS user_id,
    any(begun.ip) AS ip,
    any(begun.country) AS country,
    any(begun.annotations) AS annotations,
    argMax(arrived.topic_partition, arrived.topic_offset) AS topic_partition,
    max(arrived.topic_offset) AS topic_offset
FROM begun
LEFT JOIN arrived
    ON begun.event_id = arrived.event_id
    AND begun.ad_id = arrived.ad_id
    AND begun.click_timestamp = arrived.click_timestamp
    AND begun.user_id = arrived.user_id
    AND begun.ip = arrived.ip
    AND begun.country = arrived.country
GROUP BY begun.rejection
ORDER BY begun.rejection
