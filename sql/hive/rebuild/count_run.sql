-- A click is the tuple of all its fields, so grouping by all of them leaves each once. The totals come from the same
-- pass over the same groups as the run: they describe exactly the rows that the run has read.
-- The fields begin with those of the minutes, in the same order in both groupings: rows sorted for the clicks are then
-- sorted for the minutes too, and one shuffle is enough for both.
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
            click_minute,
            country,
            count(*) AS copies,
            sum(is_late) AS late
        FROM (
            SELECT
                event_id,
                ad_id,
                click_timestamp - click_timestamp % 60000 AS click_minute,
                click_timestamp,
                user_id,
                ip,
                country,
                CASE WHEN topic_offset >= {previous_cut} THEN 1 ELSE 0 END AS is_late
            FROM archived_clicks
            WHERE dt = {day} AND topic_offset < {cut} AND {hours}
        ) archived_clicks
        GROUP BY click_minute, ad_id, country, click_timestamp, event_id, user_id, ip
    ) distinct_clicks
    GROUP BY click_minute, ad_id, country
) minutes
INSERT OVERWRITE TABLE clicks_per_minute_runs PARTITION (dt = {day}, run = {run})
SELECT ad_id, click_minute, country, clicks
INSERT OVERWRITE TABLE run_totals
SELECT count(*), sum(clicks), sum(archived), sum(late_included);
