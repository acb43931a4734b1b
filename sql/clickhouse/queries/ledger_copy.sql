-- Rows of the copy of the ledger, of a day or of all, in the order of their events. A number may be there twice: with the
-- same row, or with another in data from before the register.
SELECT * EXCEPT register
FROM ledger
WHERE {day:Nullable(Date)} IS NULL OR date = {day:Nullable(Date)}
ORDER BY date, seq, recorded_at DESC, run DESC
