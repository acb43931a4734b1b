-- The first ads of published days, with the minutes of their first and last events. The projection by_day tells the first
-- and the last day of each; only these days are read by minutes.
SELECT ad_id, toUnixTimestamp(min(click_minute)) AS first_s, toUnixTimestamp(max(click_minute)) AS last_s
FROM clicks_per_minute_batch
WHERE ad_id > {after:String} AND ad_id <= {up_to:String}
  AND (toDate(click_minute), run) IN {runs:Array(Tuple(Date, UInt32))}
  AND (ad_id, toDate(click_minute)) IN
  (
      SELECT ad_id, arrayJoin(ends)
      FROM
      (
          SELECT ad_id, [min(day), max(day)] AS ends
          FROM
          (
              SELECT ad_id, toDate(click_minute) AS day
              FROM clicks_per_minute_batch
              WHERE ad_id > {after:String} AND ad_id <= {up_to:String} AND startsWith(ad_id, {prefix:String})
                AND (empty({ad_prefixes:Array(String)}) OR arrayExists(prefix -> startsWith(ad_id, prefix), {ad_prefixes:Array(String)}))
                AND (toDate(click_minute), run) IN {runs:Array(Tuple(Date, UInt32))}
              GROUP BY ad_id, day
          )
          GROUP BY ad_id
          ORDER BY ad_id
          LIMIT {limit:UInt32}
      )
  )
GROUP BY ad_id
ORDER BY ad_id
