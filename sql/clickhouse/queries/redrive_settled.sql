-- Every rejection that must not be sent again, with its click and the position it was sent to ('' for a copy).
SELECT
    rejection,
    event_id,
    ad_id,
    toUnixTimestamp64Milli(click_timestamp) AS click_timestamp,
    user_id,
    ip,
    country,
    topic_partition,
    ifNull(topic_offset, 0) AS topic_offset
FROM redriven
WHERE rejected_topic = {rejected_topic:String} AND state != 'sending'
