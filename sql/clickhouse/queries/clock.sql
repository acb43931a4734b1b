-- The time by ClickHouse's clock, epoch ms.
SELECT toUnixTimestamp64Milli(now64(3, 'UTC')) AS now_ms
