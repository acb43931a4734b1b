-- Minutes of a day in which real time and run differ.
INSERT INTO reconciliation_minutes (look, ad_id, click_minute, realtime, counted)
SELECT {look:UInt64}, ad_id, click_minute, sum(in_realtime) AS realtime, sum(in_run) AS counted
FROM
(
    SELECT ad_id, click_minute, toInt64(clicks) AS in_realtime, 0 AS in_run
    FROM minutes_by_ad
    WHERE click_minute >= toDateTime({day:Date}, 'UTC') AND click_minute < toDateTime({day:Date} + 1, 'UTC')
    UNION ALL
    SELECT ad_id, click_minute, 0 AS in_realtime, toInt64(clicks) AS in_run
    FROM clicks_per_minute_batch
    WHERE _partition_id = {partition:String}
)
GROUP BY ad_id, click_minute
HAVING realtime != counted
SETTINGS max_bytes_before_external_group_by = 500000000
