-- What people read. In files from before there were annotations Hive finds none: null, which nobody else has.
CREATE VIEW IF NOT EXISTS clicks AS
SELECT
    event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset,
    COALESCE(annotations, map()) AS annotations,
    dt
FROM archived_clicks
