-- Which platform these tables belong to: the id that its register has on record.
CREATE TABLE IF NOT EXISTS ads.store_id (id String) ENGINE = MergeTree ORDER BY id;

-- collision: clicks of the run that real time dropped as copies, because another click has the same 64-bit hash. They are
-- in the run and not in real time, so they are subtracted: difference = late + copies + redriven + unattributed
-- - collision + unexplained.
ALTER TABLE ads.reconciliation_minutes ADD COLUMN IF NOT EXISTS collision Int64 DEFAULT 0;

CREATE OR REPLACE VIEW ads.reconciled_minutes AS
SELECT
    sums.look AS look,
    sums.ad_id AS ad_id,
    sums.click_minute AS click_minute,
    sums.realtime AS realtime,
    sums.counted AS counted,
    sums.realtime - sums.counted AS difference,
    sums.copies AS copies,
    sums.redriven AS redriven,
    sums.unattributed AS unattributed,
    sums.collision AS collision,
    difference - sums.late - sums.copies - sums.redriven - sums.unattributed + sums.collision AS rest,
    least(greatest(rest, 0), sums.uncertain) AS in_flight,
    sums.late + in_flight AS late,
    rest - in_flight AS unexplained
FROM
(
    SELECT
        part.look AS look,
        part.ad_id AS ad_id,
        part.click_minute AS click_minute,
        sum(part.realtime) AS realtime,
        sum(part.counted) AS counted,
        sum(part.late) AS late,
        sum(part.copies) AS copies,
        sum(part.redriven) AS redriven,
        sum(part.uncertain) AS uncertain,
        sum(part.unattributed) AS unattributed,
        sum(part.collision) AS collision
    FROM ads.reconciliation_minutes AS part
    GROUP BY part.look, part.ad_id, part.click_minute
) AS sums;

ALTER TABLE ads.reconciliations ADD COLUMN IF NOT EXISTS collision Int64 DEFAULT 0;

ALTER TABLE ads.reconciliations
    MODIFY COLUMN IF EXISTS worst_ads Array(Tuple(ad_id String, realtime Int64, counted Int64, difference Int64,
        late Int64, copies Int64, redriven Int64, unattributed Int64, unexplained Int64, collision Int64));
