-- Rows that came from the messages below each partition's offset: counted, and dropped as copies.
WITH {offsets:Map(String, UInt64)} AS offsets
SELECT
    (SELECT count() FROM ads.clicks WHERE mapContains(offsets, topic_partition) AND topic_offset < offsets[topic_partition]) AS counted,
    (SELECT count() FROM ads.copies_dropped WHERE mapContains(offsets, topic_partition) AND topic_offset < offsets[topic_partition]) AS copies
