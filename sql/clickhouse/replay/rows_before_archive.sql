-- Rows of the days that precede the beginning of a partition's archive.
SELECT count() AS clicks
FROM clicks
WHERE topic_partition = {topic_partition:String} AND topic_offset < {archive_begins:UInt64}
  AND toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date}
