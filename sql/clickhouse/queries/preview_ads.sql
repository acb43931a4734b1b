-- The ads of a day whose clicks the previewed run would change, the largest change first.
SELECT ad_id, sum(in_now) AS before, sum(in_run) AS after, toInt64(after) - toInt64(before) AS change
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
HAVING before != after
ORDER BY abs(change) DESC, ad_id
LIMIT {limit:UInt32}
