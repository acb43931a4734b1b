-- The last row of each day and partition among the raw rows of a month of arrival.
SELECT toString(toDate(click_timestamp)) AS day, topic_partition, max(topic_offset) AS last
FROM clicks
WHERE toYYYYMM(arrived_at) = {month:UInt32}
GROUP BY day, topic_partition
ORDER BY day, topic_partition
