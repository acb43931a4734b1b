-- The tables filled by the views of ads.clicks, filled from this replay's clicks. A view that is missing here stops
-- a replay.
CREATE MATERIALIZED VIEW ads_replay_{replay}.minutes_by_ad_mv TO ads_replay_{replay}.minutes_by_ad AS
SELECT
    toYYYYMM(arrived_at) AS arrival_month,
    ad_id,
    toStartOfMinute(toDateTime(click_timestamp, 'UTC')) AS click_minute,
    country,
    count() AS clicks
FROM ads_replay_{replay}.clicks
GROUP BY arrival_month, ad_id, click_minute, country;

CREATE MATERIALIZED VIEW ads_replay_{replay}.minutes_by_minute_mv TO ads_replay_{replay}.minutes_by_minute AS
SELECT
    toYYYYMM(arrived_at) AS arrival_month,
    toStartOfMinute(toDateTime(click_timestamp, 'UTC')) AS click_minute,
    ad_id,
    country,
    count() AS clicks
FROM ads_replay_{replay}.clicks
GROUP BY arrival_month, click_minute, ad_id, country;

CREATE MATERIALIZED VIEW ads_replay_{replay}.clicks_from_future_mv TO ads_replay_{replay}.clicks_from_future AS
SELECT event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset
FROM ads_replay_{replay}.clicks
WHERE click_timestamp > arrived_at + INTERVAL 10 MINUTE;
