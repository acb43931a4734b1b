-- Raw clicks have expired, so the difference between real time and run cannot be explained: 'unattributed'. But the
-- archive only grows: clicks that the previous run counted and this one did not were lost there, and stay
-- unexplained.
INSERT INTO reconciliation_minutes (look, ad_id, click_minute, unattributed)
SELECT {look:UInt64}, ad_id, click_minute, sum(differing) + greatest(sum(before) - sum(after), 0) AS unattributed
FROM
(
    SELECT ad_id, click_minute, realtime - counted AS differing, 0 AS before, 0 AS after
    FROM reconciliation_minutes
    WHERE look = {look:UInt64}
    UNION ALL
    SELECT ad_id, click_minute, 0 AS differing, toInt64(clicks) AS before, 0 AS after
    FROM clicks_per_minute_batch
    WHERE _partition_id = {previous_partition:String}
    UNION ALL
    SELECT ad_id, click_minute, 0 AS differing, 0 AS before, toInt64(clicks) AS after
    FROM clicks_per_minute_batch
    WHERE _partition_id = {partition:String}
)
GROUP BY ad_id, click_minute
HAVING unattributed != 0
SETTINGS max_bytes_before_external_group_by = 500000000
