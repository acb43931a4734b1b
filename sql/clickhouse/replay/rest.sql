-- Rows of one partition that the sink has stored since the clone, of all days except those replayed.
INSERT INTO {staging}.clicks
SELECT *
FROM clicks
WHERE topic_partition = {topic_partition:String}
  AND topic_offset >= {from_offset:UInt64} AND topic_offset < {to_offset:UInt64}
  AND toString(toYYYYMM(arrived_at)) IN {months:Array(String)}
  AND NOT (toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date});

INSERT INTO {staging}.copies_dropped
SELECT *
FROM copies_dropped
WHERE topic_partition = {topic_partition:String}
  AND topic_offset >= {from_offset:UInt64} AND topic_offset < {to_offset:UInt64}
  AND toString(toYYYYMM(arrived_at)) IN {months:Array(String)}
  AND NOT (toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date});
