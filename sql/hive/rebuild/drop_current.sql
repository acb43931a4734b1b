ALTER TABLE ads.clicks_per_minute DROP IF EXISTS PARTITION (dt = {day});
