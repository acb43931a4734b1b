-- Clicks of one range of one partition, as they arrive.
CREATE TABLE range_{range}
(
    event_id VARCHAR,
    ad_id VARCHAR,
    click_timestamp BIGINT,
    user_id VARCHAR,
    ip VARCHAR,
    country VARCHAR,
    arrived_at BIGINT,
    topic_partition VARCHAR,
    topic_offset BIGINT
);
