-- Sessions of users on an ad: clicks of a user without a long pause between them.
--
--   ad     ad id
--   from   start, YYYY-MM-DD hh:mm:ss UTC
--   to     end, exclusive
--   gap    seconds; a longer pause begins a new session, one of exactly the gap does not
--
-- Clicks outside [from, to) are ignored. Duplicates of a click count once. Reads ads.clicks: as far back as raw rows
-- are kept.
SELECT
    user_id,
    min(click_timestamp) AS session_from,
    max(click_timestamp) AS session_to,
    count() AS clicks
FROM
(
    SELECT
        user_id,
        click_timestamp,
        sum(begins) OVER (PARTITION BY user_id ORDER BY click_timestamp, event_id, ip, country) AS session
    FROM
    (
        SELECT
            user_id,
            click_timestamp,
            event_id,
            ip,
            country,
            lagInFrame(toNullable(toUnixTimestamp64Milli(click_timestamp))) OVER (
                PARTITION BY user_id ORDER BY click_timestamp, event_id, ip, country
            ) AS before,
            if(toUnixTimestamp64Milli(click_timestamp) - before <= 1000 * {gap:UInt32}, 0, 1) AS begins
        FROM
        (
            SELECT DISTINCT event_id, ad_id, click_timestamp, user_id, ip, country
            FROM ads.clicks
            WHERE ad_id = {ad:String}
                AND click_timestamp >= {from:DateTime64(3, 'UTC')} AND click_timestamp < {to:DateTime64(3, 'UTC')}
        )
    )
)
GROUP BY user_id, session
ORDER BY user_id, session_from;
