-- What real time holds of a day: of raw clicks and copies only those below the cut, which the sink does not add to.
SELECT
    (
        SELECT count() FROM clicks
        WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
          AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
          AND topic_offset < {cut:Map(String, UInt64)}[topic_partition]
    ) AS clicks,
    (
        SELECT count() FROM copies_dropped
        WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
          AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
          AND topic_offset < {cut:Map(String, UInt64)}[topic_partition]
    ) AS copies,
    (SELECT sum(m.clicks) FROM minutes_by_ad AS m WHERE toDate(m.click_minute) = {day:Date}) AS by_ad,
    (SELECT sum(m.clicks) FROM minutes_by_minute AS m WHERE toDate(m.click_minute) = {day:Date}) AS by_minute
