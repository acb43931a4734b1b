-- Sessions of users on an ad: clicks of a user without a long pause between them.
--
--   ad     ad id
--   from   first day, YYYY-MM-DD (UTC)
--   to     end day, exclusive
--   gap    seconds; a longer pause begins a new session, one of exactly the gap does not
--
-- Clicks of other days are ignored. Duplicates of a click count once. Times are epoch milliseconds. Reads ads.clicks.
SELECT user_id, min(click_timestamp) AS session_from, max(click_timestamp) AS session_to, count(*) AS clicks
FROM (
    SELECT
        user_id,
        click_timestamp,
        sum(CASE WHEN pause <= ${hivevar:gap} * 1000 THEN 0 ELSE 1 END) OVER (
            PARTITION BY user_id ORDER BY click_timestamp, event_id, ip, country
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS session_number
    FROM (
        SELECT
            *,
            click_timestamp - lag(click_timestamp) OVER (
                PARTITION BY user_id ORDER BY click_timestamp, event_id, ip, country
            ) AS pause
        FROM (
            SELECT DISTINCT event_id, click_timestamp, user_id, ip, country
            FROM ads.clicks
            WHERE dt >= '${hivevar:from}' AND dt < '${hivevar:to}' AND ad_id = '${hivevar:ad}'
        ) distinct_clicks
    ) pauses
) numbered
GROUP BY user_id, session_number
ORDER BY user_id, session_from;
