ALTER TABLE clicks_per_minute PARTITION (dt = {day}) SET LOCATION {location};
