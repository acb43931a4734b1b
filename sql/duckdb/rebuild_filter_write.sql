-- Pieces of one minute are added up.
COPY (
    SELECT click_minute, ad_id, country, sum(clicks)::BIGINT AS clicks
    FROM filter_rows
    GROUP BY click_minute, ad_id, country
) TO $path (FORMAT parquet, COMPRESSION zstd);
