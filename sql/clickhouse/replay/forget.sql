-- Deletes the days from the clones. The parts shared with the real-time tables are not touched.
DELETE FROM {staging}.clicks WHERE toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date};
DELETE FROM {staging}.copies_dropped WHERE toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date};
DELETE FROM {staging}.clicks_from_future WHERE toDate(click_timestamp) >= {from:Date} AND toDate(click_timestamp) < {to:Date};
DELETE FROM {staging}.minutes_by_ad WHERE toDate(click_minute) >= {from:Date} AND toDate(click_minute) < {to:Date};
DELETE FROM {staging}.minutes_by_minute WHERE toDate(click_minute) >= {from:Date} AND toDate(click_minute) < {to:Date};
