ALTER TABLE reconciliation_minutes DROP PARTITION ID {look:String}
