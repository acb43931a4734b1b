-- Another kind of event as analysts see it: archived events, and counts of published runs.
CREATE OR REPLACE VIEW ads.{events} AS
SELECT event_id, ad_id, click_timestamp AS event_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset,
    annotations, dt
FROM {database}.clicks;

CREATE OR REPLACE VIEW ads.{events}_per_minute AS
SELECT ad_id, click_minute AS `minute`, country, clicks AS {events}, dt
FROM {database}.clicks_per_minute;
