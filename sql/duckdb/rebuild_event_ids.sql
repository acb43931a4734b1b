-- Distinct hashes of event ids below the cut (topic_partition's place in $names is that of its offset in $offsets): at
-- most as many as event ids. Of a fixed size, so that what does not fit into memory can be spilled.
SELECT count(*) AS hashes
FROM (
    SELECT DISTINCT hash(event_id) AS id_hash
    FROM read_parquet($paths)
    WHERE topic_offset < $offsets[list_position($names, topic_partition)]
);
