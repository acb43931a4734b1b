import { expect, test } from 'vitest';
import type { RegisterLacks } from '../../batch/run/restore_register.ts';
import { EVENT } from '../../test/support/ledger_copy.ts';
import { lacksText } from './restore.ts';

const NOTHING: RegisterLacks = { events: [], filters: [], differing: [], onlyInHive: [] };

test.each<[Partial<RegisterLacks>, boolean, string]>([
  [{}, true, 'the register has everything that its copies have\n'],
  [{ events: [EVENT] }, true, 'would be added: event 1 of 2021-01-01: run 1 published\n'],
  [{ events: [EVENT] }, false, 'added: event 1 of 2021-01-01: run 1 published\n'],
  [
    { differing: [EVENT] },
    false,
    "not added: event 1 of 2021-01-01: run 1 published in ClickHouse's ads.ledger, because the register has another event " +
      'with this number: put back the register that ads.ledger was written from\n',
  ],
  [
    { onlyInHive: [{ date: '2021-01-01', runs: [3, 4], file: '/a/2021-01-01.json' }] },
    false,
    "not added: run 3, 4 of 2021-01-01, of which only Hive's file tells, and not by its events: put back ClickHouse's " +
      'ads.ledger; to go on without, take /a/2021-01-01.json away\n',
  ],
])('%j', (found, isDryRun, expected) => {
  expect(lacksText({ ...NOTHING, ...found }, isDryRun)).toBe(expected);
});
