-- A click is the tuple of all its fields, so grouping by all of them leaves each once. The totals come out of the same
-- pass over the same groups as the run: what they say of the rows that were read holds for the run as well.
FROM (
    SELECT
        ad_id,
        click_minute,
        country,
        count(*) AS clicks,
        sum(copies) AS archived,
        sum(late) AS late_included
    FROM (
        SELECT
            ad_id,
            click_timestamp - click_timestamp % 60000 AS click_minute,
            country,
            count(*) AS copies,
            sum(CASE WHEN topic_offset >= {previous_cut} THEN 1 ELSE 0 END) AS late
        FROM ads.clicks
        WHERE dt = {day} AND topic_offset < {cut}
        GROUP BY event_id, ad_id, click_timestamp, user_id, ip, country
    ) distinct_clicks
    GROUP BY ad_id, click_minute, country
) minutes
INSERT OVERWRITE TABLE ads.clicks_per_minute_runs PARTITION (dt = {day}, run = {run})
SELECT ad_id, click_minute, country, clicks
INSERT OVERWRITE TABLE run_totals
SELECT count(*), sum(clicks), sum(archived), sum(late_included);
