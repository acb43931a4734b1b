-- Months of arrival in which any row of the days is stored.
SELECT DISTINCT month
FROM
(
    SELECT toString(toYYYYMM(arrived_at)) AS month FROM clicks
    WHERE toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date}
    UNION ALL
    SELECT toString(toYYYYMM(arrived_at)) AS month FROM copies_dropped
    WHERE toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date}
    UNION ALL
    SELECT toString(arrival_month) AS month FROM minutes_by_ad
    WHERE toDate(click_minute) >= {from:Date} AND toDate(click_minute) < {to:Date}
    UNION ALL
    SELECT toString(arrival_month) AS month FROM minutes_by_minute
    WHERE toDate(click_minute) >= {from:Date} AND toDate(click_minute) < {to:Date}
)
