-- How raw clicks of a day explain the difference: rows at or after the cut, which the run left to the next one, and
-- duplicates of a click below it (a click is the tuple of its fields, here as a hash that does not collide). A row
-- is from a re-drive if its position is recorded as one. Rows below `certain` were in every table before the counts
-- were read, and rows at or after `ends` in none; in between it is unknown. A partition that neither names receives
-- no more messages.
INSERT INTO reconciliation_minutes (look, ad_id, click_minute, late, copies, redriven, uncertain)
SELECT
    {look:UInt64},
    ad_id,
    click_minute,
    sum(late_rows) AS late,
    sum(further - redriven_further) AS copies,
    sum(redriven_late + redriven_further) AS redriven,
    sum(uncertain_rows) AS uncertain
FROM
(
    SELECT
        ad_id,
        click_minute,
        greatest(toInt64(countIf(is_below)) - 1, 0) AS further,
        least(toInt64(countIf(is_below AND is_redriven)), further) AS redriven_further,
        toInt64(countIf(NOT is_below AND is_certain AND NOT is_redriven)) AS late_rows,
        toInt64(countIf(NOT is_below AND is_certain AND is_redriven)) AS redriven_late,
        toInt64(countIf(NOT is_below AND is_uncertain)) AS uncertain_rows
    FROM
    (
        SELECT
            ad_id,
            toStartOfMinute(toDateTime(click_timestamp, 'UTC')) AS click_minute,
            sipHash128(event_id, ad_id, click_timestamp, user_id, ip, country) AS click,
            topic_offset < {cut:Map(String, UInt64)}[topic_partition] AS is_below,
            mapContains({ends:Map(String, UInt64)}, topic_partition) AS is_live,
            NOT is_live OR topic_offset < {certain:Map(String, UInt64)}[topic_partition] AS is_certain,
            NOT is_certain AND topic_offset < {ends:Map(String, UInt64)}[topic_partition] AS is_uncertain,
            (topic_partition, topic_offset) IN (
                SELECT topic_partition, assumeNotNull(topic_offset)
                FROM redriven
                WHERE state = 'sent' AND topic_offset IS NOT NULL
            ) AS is_redriven
        FROM clicks
        WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
          AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
    )
    GROUP BY ad_id, click_minute, click
    HAVING further + late_rows + redriven_late + uncertain_rows > 0
)
GROUP BY ad_id, click_minute
SETTINGS max_bytes_before_external_group_by = 500000000
