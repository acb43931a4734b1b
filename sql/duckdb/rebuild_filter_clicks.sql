-- Rows of a filter, from the clicks below the cut (topic_partition's place in $names is that of its offset in $offsets).
-- Copies of a click agree in every field, so all of them are let through or none: each click is taken once after that.
COPY (
    SELECT (click_timestamp - click_timestamp % 60000)::BIGINT AS click_minute, ad_id, country, count(*) AS clicks
    FROM (
        SELECT DISTINCT event_id, ad_id, click_timestamp, user_id, ip, country
        FROM read_parquet($paths)
        WHERE topic_offset < $offsets[list_position($names, topic_partition)]
          AND ($any_country OR list_contains($in_country, country))
          AND NOT list_contains($not_country, country)
          AND ($any_user_id OR list_contains($in_user_id, user_id))
          AND NOT list_contains($not_user_id, user_id)
          AND ($any_ip OR is_within(ip_digits(ip), $in_ip_first, $in_ip_last))
          AND NOT is_within(ip_digits(ip), $not_ip_first, $not_ip_last)
    )
    GROUP BY click_minute, ad_id, country
) TO $path (FORMAT parquet, COMPRESSION zstd);
