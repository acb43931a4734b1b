-- Where an event id is stored, the first to arrive first. places: only these partitions, by which the table is ordered;
-- none: all of it is read.
SELECT
    part.stored AS stored,
    part.ad_id AS ad_id,
    part.click_timestamp AS time,
    part.user_id AS user_id,
    part.ip AS ip,
    part.country AS country,
    part.arrived_at AS arrived_at,
    part.topic_partition AS topic_partition,
    part.topic_offset AS topic_offset
FROM
(
    SELECT 'raw' AS stored, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset
    FROM clicks
    WHERE event_id = {event_id:String}
      AND (empty({places:Array(String)}) OR topic_partition IN {places:Array(String)})
      AND click_timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
    UNION ALL
    SELECT 'copy' AS stored, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset
    FROM copies_dropped
    WHERE event_id = {event_id:String}
      AND (empty({places:Array(String)}) OR topic_partition IN {places:Array(String)})
      AND click_timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND click_timestamp < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
) AS part
ORDER BY part.arrived_at, part.topic_partition, part.topic_offset
LIMIT {limit:UInt32}
