-- The register that the newest row of the copy is from; without any row of a register there is no row.
SELECT register
FROM ledger
WHERE register != ''
ORDER BY recorded_at DESC
LIMIT 1
