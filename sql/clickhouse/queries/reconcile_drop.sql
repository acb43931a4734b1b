ALTER TABLE ads.reconciliation_minutes DROP PARTITION ID {look:String}
