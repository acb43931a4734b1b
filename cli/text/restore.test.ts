import { expect, test } from 'vitest';
import type { RegisterLacks } from '../../batch/run/restore_register.ts';
import { EVENT } from '../../test/support/ledger_copy.ts';
import { lacksText } from './restore.ts';

const NOTHING: RegisterLacks = { events: [], filters: [], names: [], differing: [], onlyInHive: [] };

test.each<[Partial<RegisterLacks>, boolean, string]>([
  [{}, true, 'the register has everything that its copies have\n'],
  [{ events: [EVENT] }, true, 'would be added: event 1 of 2021-01-01: run 1 published\n'],
  [{ events: [EVENT] }, false, 'added: event 1 of 2021-01-01: run 1 published\n'],
  [
    {
      names: [
        { revision: 3, change: '7b1f9c1e-6b0a-4f0e-9f5e-0c8a1d2e3f40', entries: 12, recorded_ms: 0, recorded_by: 'ui' },
      ],
    },
    false,
    'added: revision 3 of names of ads, 12 entries\n',
  ],
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
