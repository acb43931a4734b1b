SELECT click_minute, ad_id, country, clicks FROM read_parquet($paths);
