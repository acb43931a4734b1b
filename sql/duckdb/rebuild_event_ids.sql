-- Distinct hashes of event ids below the cut ($names and $offsets are parallel lists of topic_partition and offset):
-- at most as many as event ids. Of a fixed size, so that data exceeding the memory can be spilled.
SELECT count(*) AS hashes
FROM (
    SELECT DISTINCT hash(event_id) AS id_hash
    FROM read_parquet($paths)
    WHERE topic_offset < $offsets[list_position($names, topic_partition)]
);
