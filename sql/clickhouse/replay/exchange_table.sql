ALTER TABLE ads.{table} REPLACE PARTITION ID {month:String} FROM ads_replay_{replay}.{source}
SETTINGS allow_replace_partition_from_empty_source = 1
