-- Raw clicks of these arrival months, from any topic.
SELECT count() AS counted
FROM clicks
WHERE toYYYYMM(arrived_at) >= {from_month:UInt32} AND toYYYYMM(arrived_at) <= {to_month:UInt32}
