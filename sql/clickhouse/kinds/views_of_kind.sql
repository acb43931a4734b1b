-- Another kind of event as analysts see it: raw rows, and counts by ad, minute and country.
CREATE OR REPLACE VIEW ads.{events} AS
SELECT event_id, ad_id, click_timestamp AS event_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset,
    annotations
FROM {database}.clicks;

CREATE OR REPLACE VIEW ads.{events}_per_minute AS
SELECT ad_id, click_minute AS minute, country, clicks AS {events}
FROM {database}.clicks_per_minute;
