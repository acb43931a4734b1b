ALTER TABLE clicks_per_minute DROP IF EXISTS PARTITION (dt = {day});
