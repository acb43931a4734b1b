import { expect, test } from 'vitest';
import { memoryRegister } from '../../test/support/memory_register.ts';
import { openFindings } from './findings.ts';
import { beginRestore, endRestore, lostEngine, openRestore } from './restores.ts';

test('an empty engine is taken for the lost one from the beginning of a restore to its end', async () => {
  const register = memoryRegister();
  expect(await openRestore(register, 'clickhouse')).toBe(null);
  await Promise.all([beginRestore(register, 'clickhouse', 1_000), beginRestore(register, 'clickhouse', 1_000)]);
  await beginRestore(register, 'clickhouse', 2_000);
  expect(await openRestore(register, 'clickhouse')).toBe(1);
  expect(await openRestore(register, 'elasticsearch')).toBe(null);
  expect((await openFindings(register)).map(({ code, is_operational }) => [code, is_operational])).toEqual([
    ['restoring', true],
  ]);
  await endRestore(register, 'clickhouse', 'all is back', 3_000);
  await endRestore(register, 'clickhouse', 'all is back', 3_000);
  expect([await openRestore(register, 'clickhouse'), await openFindings(register)]).toEqual([null, []]);
  await beginRestore(register, 'clickhouse', 4_000);
  expect(await openRestore(register, 'clickhouse')).toBe(2);
});

test('which Kafka is given up is on record, and does not change', async () => {
  const register = memoryRegister();
  await beginRestore(register, 'kafka', 1_000, 'a');
  await beginRestore(register, 'kafka', 2_000, 'b');
  expect(await lostEngine(register, 'kafka', 1)).toBe('a');
  await beginRestore(register, 'clickhouse', 1_000);
  expect(await lostEngine(register, 'clickhouse', 1)).toBe(null);
});
