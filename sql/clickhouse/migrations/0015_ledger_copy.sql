-- ads.ledger is a copy of the ledger, which is in the register (infra/register); register: the id of the register that a
-- row is a copy of, '' for rows from before there was one. A row that two processes bring at once is inserted once: each
-- has the token ledger-<date>-<seq>.
ALTER TABLE ads.ledger ADD COLUMN IF NOT EXISTS register LowCardinality(String) DEFAULT '';
ALTER TABLE ads.ledger MODIFY SETTING non_replicated_deduplication_window = 1000;
