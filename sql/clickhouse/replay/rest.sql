-- Rows of one partition that the sink has stored since the clone, of all days except those replayed.
INSERT INTO ads_replay_{replay}.clicks
SELECT *
FROM ads.clicks
WHERE topic_partition = {topic_partition:String}
  AND topic_offset >= {from_offset:UInt64} AND topic_offset < {to_offset:UInt64}
  AND toString(toYYYYMM(arrived_at)) IN {months:Array(String)}
  AND NOT (toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date});

INSERT INTO ads_replay_{replay}.copies_dropped
SELECT *
FROM ads.copies_dropped
WHERE topic_partition = {topic_partition:String}
  AND topic_offset >= {from_offset:UInt64} AND topic_offset < {to_offset:UInt64}
  AND toString(toYYYYMM(arrived_at)) IN {months:Array(String)}
  AND NOT (toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date});
