SELECT toUnixTimestamp(click_minute) * 1000 AS minute, ad_id, country, clicks
FROM ads.clicks_per_minute_batch
WHERE _partition_id = {partition:String}
