-- As count_run.sql, for several days at once: each day below its own cut, into the partition of its own run. The days are
-- part of every grouping, so no day's clicks meet another's.
FROM (
    SELECT
        dt,
        ad_id,
        click_minute,
        country,
        count(*) AS clicks,
        sum(copies) AS archived,
        sum(late) AS late_included
    FROM (
        SELECT
            dt,
            ad_id,
            click_minute,
            country,
            count(*) AS copies,
            sum(is_late) AS late
        FROM (
            SELECT
                dt,
                event_id,
                ad_id,
                click_timestamp - click_timestamp % 60000 AS click_minute,
                click_timestamp,
                user_id,
                ip,
                country,
                CASE WHEN topic_offset >= {previous_cut} THEN 1 ELSE 0 END AS is_late
            FROM archived_clicks
            WHERE dt IN ({days}) AND topic_offset < {cut}
        ) archived_clicks
        GROUP BY dt, click_minute, ad_id, country, click_timestamp, event_id, user_id, ip
    ) distinct_clicks
    GROUP BY dt, click_minute, ad_id, country
) minutes
{inserts}
INSERT OVERWRITE TABLE day_totals
SELECT dt, count(*), sum(clicks), sum(archived), sum(late_included)
GROUP BY dt;
