-- Sorted once, so that each day is then one short stretch of it, also when a back-fill brings thousands of days.
CREATE TABLE sorted_{range} AS FROM range_{range} ORDER BY click_timestamp, topic_offset;
DROP TABLE range_{range};
