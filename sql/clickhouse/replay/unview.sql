DROP VIEW ads_replay_{replay}.minutes_by_ad_mv SYNC;
DROP VIEW ads_replay_{replay}.minutes_by_minute_mv SYNC;
DROP VIEW ads_replay_{replay}.clicks_from_future_mv SYNC;
