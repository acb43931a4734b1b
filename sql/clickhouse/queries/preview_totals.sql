-- For all ads of a day: clicks of its current answer (current 0: real time), and those of the previewed run.
SELECT sum(ad_before) AS before, sum(ad_after) AS after, countIf(ad_before != ad_after) AS ads_changed
FROM
(
    SELECT ad_id, sum(in_now) AS ad_before, sum(in_run) AS ad_after
    FROM
    (
        SELECT ad_id, clicks AS in_now, 0 AS in_run
        FROM minutes_by_ad
        WHERE {current:UInt32} = 0
          AND click_minute >= toDateTime({day:Date}, 'UTC') AND click_minute < toDateTime({day:Date} + 1, 'UTC')
        UNION ALL
        SELECT ad_id, clicks AS in_now, 0 AS in_run
        FROM clicks_per_minute_batch
        WHERE _partition_id = {current_partition:String}
        UNION ALL
        SELECT ad_id, 0 AS in_now, clicks AS in_run
        FROM clicks_per_minute_batch
        WHERE _partition_id = {partition:String}
    )
    GROUP BY ad_id
)
