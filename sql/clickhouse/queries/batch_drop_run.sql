ALTER TABLE clicks_per_minute_batch DROP PARTITION ID {partition:String}
