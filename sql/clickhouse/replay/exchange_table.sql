ALTER TABLE {table} REPLACE PARTITION ID {month:String} FROM {staging}.{source}
SETTINGS allow_replace_partition_from_empty_source = 1
