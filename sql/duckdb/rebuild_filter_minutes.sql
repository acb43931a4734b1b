-- Rows of a filter on countries only: from the run's minutes.
COPY (
    SELECT click_minute, ad_id, country, clicks
    FROM read_parquet($paths)
    WHERE ($any_country OR list_contains($in_country, country))
      AND NOT list_contains($not_country, country)
) TO $path (FORMAT parquet, COMPRESSION zstd);
