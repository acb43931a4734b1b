-- Another text whenever anything is written to the ledger. Its parts are looked at, not its rows.
SELECT arrayStringConcat(arraySort(groupArray(name)), ' ') AS version
FROM system.parts
WHERE active AND database = 'ads' AND table = 'ledger'
