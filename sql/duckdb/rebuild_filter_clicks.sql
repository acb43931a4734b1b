-- Rows of a filter in one slice of a day: times [{from}, {to}), of which piece {piece} of {pieces} by event id. Below the
-- cut ($names and $offsets are parallel lists of topic_partition and offset). Duplicates of a click agree in every field,
-- so all of them are in one slice, and all match or none. (Numbers are part of the text, because bound ones would not let
-- DuckDB skip the other times.)
INSERT INTO filter_rows
WITH in_slice AS MATERIALIZED (
    SELECT DISTINCT event_id, ad_id, click_timestamp, user_id, ip, country
    FROM read_parquet($paths)
    WHERE click_timestamp >= {from} AND click_timestamp < {to}
      AND hash(event_id) % {pieces} = {piece}
      AND topic_offset < $offsets[list_position($names, topic_partition)]
      AND ($any_country OR list_contains($in_country, country))
      AND NOT list_contains($not_country, country)
      AND ($any_user_id OR list_contains($in_user_id, user_id))
      AND NOT list_contains($not_user_id, user_id)
),
addresses AS MATERIALIZED (
    SELECT ip, ip_digits(ip) AS digits
    FROM (SELECT DISTINCT ip FROM in_slice WHERE NOT $every_ip)
)
SELECT (click_timestamp - click_timestamp % 60000)::BIGINT AS click_minute, ad_id, country, count(*) AS clicks
FROM in_slice
WHERE $every_ip
   OR ip IN (
       SELECT ip
       FROM addresses
       WHERE ($any_ip OR is_within(digits, $in_ip_first, $in_ip_last))
         AND NOT is_within(digits, $not_ip_first, $not_ip_last)
   )
GROUP BY click_minute, ad_id, country;
