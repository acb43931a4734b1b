import { describe, expect, test } from 'vitest';
import { pending, readMigrations } from './migrate.ts';
import { statements } from './sql.ts';

const one = { name: 'clickhouse/0001_a', text: '', checksum: 'x' };
const two = { name: 'clickhouse/0002_b', text: '', checksum: 'y' };

describe('pending', () => {
  test.each([
    { recorded: [], names: [one.name, two.name] },
    { recorded: [[one.name, 'x']], names: [two.name] },
    {
      recorded: [
        [one.name, 'x'],
        [two.name, 'y'],
      ],
      names: [],
    },
  ] as { recorded: [string, string][]; names: string[] }[])('with $recorded applied: $names', ({ recorded, names }) => {
    expect(pending([one, two], new Map(recorded)).map(({ name }) => name)).toEqual(names);
  });

  test('one that was edited after it had been applied is named', () => {
    expect(() => pending([one, two], new Map([[one.name, 'another']]))).toThrow(
      /migration clickhouse\/0001_a was changed/,
    );
  });
});

describe('migration files', () => {
  test.each(['clickhouse', 'hive'] as const)('%s: numbered without a gap, each with a statement', (engine) => {
    const migrations = readMigrations(engine);
    expect(migrations.length).toBeGreaterThan(0);
    for (const [index, { name, text }] of migrations.entries()) {
      expect(name).toMatch(new RegExp(`^${engine}/${String(index + 1).padStart(4, '0')}_[a-z_]+$`));
      expect(statements(text).length).toBeGreaterThan(0);
    }
  });
});

test('statements end with a semicolon at the end of a line; comments alone are none', () => {
  expect(statements("-- first\nSELECT ';' AS a;\n\nSELECT 2\n;\n-- the end\n")).toEqual([
    "-- first\nSELECT ';' AS a",
    'SELECT 2',
  ]);
});
