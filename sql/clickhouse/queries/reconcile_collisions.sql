-- Of these (reconcile_dropped.sql), the ones with the hash of another click of their partition, which real time counted
-- before: a collision. The hash is that of realtime_memory.sql. What has no such other click has lost its row, and
-- stays unexplained. A memory of duplicates reaches back over DEDUPE_WINDOW; here two days are searched.
INSERT INTO reconciliation_minutes (look, ad_id, click_minute, collision)
WITH
    dropped AS
    (
        SELECT
            ad_id,
            toStartOfMinute(toDateTime(click_timestamp, 'UTC')) AS click_minute,
            sipHash128(event_id, ad_id, click_timestamp, user_id, ip, country) AS click,
            topic_partition,
            topic_offset,
            arrived_at,
            xxHash64(concat(
                char(length(event_id)), event_id,
                char(length(ad_id)), ad_id,
                reinterpretAsFixedString(toUnixTimestamp64Milli(click_timestamp)),
                char(length(user_id)), user_id,
                char(length(ip)), ip,
                char(length(country)), country)) AS identity_hash
        FROM copies_dropped
        WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
          AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
          AND topic_offset < {cut:Map(String, UInt64)}[topic_partition]
          AND click NOT IN (
              SELECT sipHash128(event_id, ad_id, click_timestamp, user_id, ip, country) AS click
              FROM clicks
              WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
                AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
                AND topic_offset < {cut:Map(String, UInt64)}[topic_partition]
                AND click IN (
                    SELECT sipHash128(event_id, ad_id, click_timestamp, user_id, ip, country)
                    FROM copies_dropped
                    WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
                      AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
                )
          )
    ),
    counted AS
    (
        SELECT
            topic_partition,
            topic_offset,
            arrived_at,
            xxHash64(concat(
                char(length(event_id)), event_id,
                char(length(ad_id)), ad_id,
                reinterpretAsFixedString(toUnixTimestamp64Milli(click_timestamp)),
                char(length(user_id)), user_id,
                char(length(ip)), ip,
                char(length(country)), country)) AS identity_hash
        FROM clicks
        WHERE (topic_partition, identity_hash) IN (SELECT topic_partition, identity_hash FROM dropped)
          AND arrived_at >= (SELECT min(arrived_at) FROM dropped) - INTERVAL 2 DAY
          AND arrived_at <= (SELECT max(arrived_at) FROM dropped)
    )
SELECT {look:UInt64}, dropped.ad_id, dropped.click_minute, toInt64(uniqExact(dropped.click)) AS collision
FROM dropped
INNER JOIN counted
    ON dropped.topic_partition = counted.topic_partition AND dropped.identity_hash = counted.identity_hash
WHERE counted.topic_offset < dropped.topic_offset
GROUP BY dropped.ad_id, dropped.click_minute
