-- The indexed ad-minutes, inserted into the tables they come from.
INSERT INTO ads.{table:Identifier} (arrival_month, ad_id, click_minute, country, clicks)
SELECT
    toYYYYMM(click_minute),
    concat('bench-', toString(number % {ads:UInt32})),
    toDateTime({start_s:UInt32} + 60 * intDiv(number, {ads:UInt32}), 'UTC') AS click_minute,
    'USA',
    1 + (intDiv(number, {ads:UInt32}) * 7 + number % {ads:UInt32}) % 5
FROM numbers({rows:UInt64})
