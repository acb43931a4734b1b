ALTER TABLE clicks_per_minute ADD IF NOT EXISTS PARTITION (dt = {day}) LOCATION {location};
