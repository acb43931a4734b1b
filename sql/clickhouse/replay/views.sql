-- The tables filled by the views of ads.clicks, filled from this replay's clicks. A view that is missing here stops
-- a replay.
CREATE MATERIALIZED VIEW {staging}.minutes_by_ad_mv TO {staging}.minutes_by_ad AS
SELECT
    toYYYYMM(arrived_at) AS arrival_month,
    ad_id,
    toStartOfMinute(toDateTime(click_timestamp, 'UTC')) AS click_minute,
    country,
    count() AS clicks
FROM {staging}.clicks
GROUP BY arrival_month, ad_id, click_minute, country;

CREATE MATERIALIZED VIEW {staging}.minutes_by_minute_mv TO {staging}.minutes_by_minute AS
SELECT
    toYYYYMM(arrived_at) AS arrival_month,
    toStartOfMinute(toDateTime(click_timestamp, 'UTC')) AS click_minute,
    ad_id,
    country,
    count() AS clicks
FROM {staging}.clicks
GROUP BY arrival_month, click_minute, ad_id, country;

CREATE MATERIALIZED VIEW {staging}.clicks_from_future_mv TO {staging}.clicks_from_future AS
SELECT event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset
FROM {staging}.clicks
WHERE click_timestamp > arrived_at + INTERVAL 10 MINUTE;
