-- The most clicked ads of the windows of these lengths in minutes that end at `end_s`: all from one read of the
-- minutes.
SELECT window, ad_id, window_clicks
FROM
(
    SELECT ad_id,
           sumForEach(arrayMap(window -> if(click_minute >= toDateTime({end_s:UInt32} - window * 60, 'UTC'), clicks, 0),
                               {windows:Array(UInt32)})) AS clicks_of_windows
    FROM minutes_by_minute
    WHERE click_minute >= toDateTime({end_s:UInt32} - arrayMax({windows:Array(UInt32)}) * 60, 'UTC')
      AND click_minute < toDateTime({end_s:UInt32}, 'UTC')
    GROUP BY ad_id
)
ARRAY JOIN {windows:Array(UInt32)} AS window, clicks_of_windows AS window_clicks
WHERE window_clicks > 0
ORDER BY window, window_clicks DESC, ad_id
LIMIT {limit:UInt32} BY window
