-- Totals of the replayed days.
SELECT
    (SELECT count() FROM {staging}.clicks
     WHERE toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date}) AS raw_rows,
    (SELECT count() FROM {staging}.copies_dropped
     WHERE toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date}) AS copies_dropped,
    (SELECT sum(clicks) FROM {staging}.minutes_by_ad
     WHERE toDate(click_minute) >= {from:Date} AND toDate(click_minute) < {to:Date}) AS clicks_by_ad,
    (SELECT sum(clicks) FROM {staging}.minutes_by_minute
     WHERE toDate(click_minute) >= {from:Date} AND toDate(click_minute) < {to:Date}) AS clicks_by_minute
