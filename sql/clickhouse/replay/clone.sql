-- Clones one month of arrival with hard links: no row is read.
ALTER TABLE ads_replay_{replay}.clicks ATTACH PARTITION ID {month:String} FROM ads.clicks;
ALTER TABLE ads_replay_{replay}.copies_dropped ATTACH PARTITION ID {month:String} FROM ads.copies_dropped;
ALTER TABLE ads_replay_{replay}.clicks_from_future ATTACH PARTITION ID {month:String} FROM ads.clicks_from_future;
ALTER TABLE ads_replay_{replay}.minutes_by_ad ATTACH PARTITION ID {month:String} FROM ads.minutes_by_ad;
ALTER TABLE ads_replay_{replay}.minutes_by_minute ATTACH PARTITION ID {month:String} FROM ads.minutes_by_minute;
