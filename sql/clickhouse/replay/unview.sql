DROP VIEW {staging}.minutes_by_ad_mv SYNC;
DROP VIEW {staging}.minutes_by_minute_mv SYNC;
DROP VIEW {staging}.clicks_from_future_mv SYNC;
