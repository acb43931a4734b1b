-- Clones one month of arrival with hard links: no row is read.
ALTER TABLE {staging}.clicks ATTACH PARTITION ID {month:String} FROM clicks;
ALTER TABLE {staging}.copies_dropped ATTACH PARTITION ID {month:String} FROM copies_dropped;
ALTER TABLE {staging}.clicks_from_future ATTACH PARTITION ID {month:String} FROM clicks_from_future;
ALTER TABLE {staging}.minutes_by_ad ATTACH PARTITION ID {month:String} FROM minutes_by_ad;
ALTER TABLE {staging}.minutes_by_minute ATTACH PARTITION ID {month:String} FROM minutes_by_minute;
