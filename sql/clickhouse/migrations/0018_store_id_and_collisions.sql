-- Which platform these tables belong to: the id that its register has on record.
CREATE TABLE IF NOT EXISTS ads.store_id (id String) ENGINE = MergeTree ORDER BY id;
