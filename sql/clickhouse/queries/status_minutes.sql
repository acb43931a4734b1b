-- Clicks in the minutes of these arrival months.
SELECT
    (SELECT sum(clicks) FROM minutes_by_ad
     WHERE arrival_month >= {from_month:UInt32} AND arrival_month <= {to_month:UInt32}) AS by_ad,
    (SELECT sum(clicks) FROM minutes_by_minute
     WHERE arrival_month >= {from_month:UInt32} AND arrival_month <= {to_month:UInt32}) AS by_minute
