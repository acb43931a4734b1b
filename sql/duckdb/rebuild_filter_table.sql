CREATE OR REPLACE TEMP TABLE filter_rows (click_minute BIGINT, ad_id VARCHAR, country VARCHAR, clicks BIGINT);
