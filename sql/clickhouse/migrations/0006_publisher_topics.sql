-- The sink's offsets by topic_partition, since there may be a topic for each region. Progress from before was that of
-- the one topic `clicks`: the default carries it over.
ALTER TABLE ads.publisher_progress ADD COLUMN IF NOT EXISTS sink_offsets Map(String, UInt64)
DEFAULT mapFromArrays(arrayMap(partition -> concat('clicks-', toString(partition)), mapKeys(offsets)), mapValues(offsets));
