-- Clicks of a day below the cut that real time holds for copies, although no row is equal to them in every field.
SELECT count() AS dropped
FROM copies_dropped
WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
  AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
  AND topic_offset < {cut:Map(String, UInt64)}[topic_partition]
  AND sipHash128(event_id, ad_id, click_timestamp, user_id, ip, country) NOT IN (
      SELECT sipHash128(event_id, ad_id, click_timestamp, user_id, ip, country) AS click
      FROM clicks
      WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
        AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
        AND topic_offset < {cut:Map(String, UInt64)}[topic_partition]
        AND click IN (
            SELECT sipHash128(event_id, ad_id, click_timestamp, user_id, ip, country)
            FROM copies_dropped
            WHERE click_timestamp >= toDateTime64({day:Date}, 3, 'UTC')
              AND click_timestamp < toDateTime64({day:Date} + 1, 3, 'UTC')
        )
  )
