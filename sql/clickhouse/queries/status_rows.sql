-- Rows from the messages [from, to) of a partition: counted, and dropped as copies.
SELECT
    (SELECT count() FROM clicks
     WHERE topic_partition = {topic_partition:String} AND topic_offset >= {from:UInt64} AND topic_offset < {to:UInt64}) AS counted,
    (SELECT count() FROM copies_dropped
     WHERE topic_partition = {topic_partition:String} AND topic_offset >= {from:UInt64} AND topic_offset < {to:UInt64}) AS copies
