INSERT OVERWRITE TABLE clicks_per_minute_runs PARTITION (dt = {day}, run = {run})
SELECT ad_id, click_minute, country, clicks
WHERE dt = {day}
