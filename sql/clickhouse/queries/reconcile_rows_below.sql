-- Rows of a day below a cut that the real-time path still has, counted or dropped as duplicates.
SELECT
    (SELECT count() FROM clicks
     WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
       AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
       AND topic_offset < {cut:Map(String, UInt64)}[topic_partition])
    + (SELECT count() FROM copies_dropped
       WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
         AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
         AND topic_offset < {cut:Map(String, UInt64)}[topic_partition]) AS kept
