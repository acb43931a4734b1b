import { expect, test } from 'vitest';
import { hadoopStore } from './hadoop_store.ts';

const line = (bytes: number, path: string): string => `-rw-r--r--   1 u g ${bytes} 2026-11-29 11:29 ${path}`;

/** Answers a listing with these lines. */
const hiveWith = (lines: string[]) => ({
  rows: async <Row>(command: string): Promise<Row[]> =>
    (command.startsWith('dfs -ls') ? lines : []).map((text) => ({ 'DFS Output': text }) as Row),
});

test.each([
  ['hdfs://host:9000/old', 'hdfs://host:9000/old'],
  ['s3a://bucket/old', 's3a://bucket/old'],
  ['/old', '/old'],
  ['/old', 'file:///old'],
])('at %s, listed as %s, only files of the folder are its files, whatever else Hive prints', async (location, root) => {
  const hive = hiveWith([
    'Found 2 items',
    line(7, `${root}/dt=2021-01-01/clicks-0-0-5.parquet`),
    '2026-11-29 11:29:53 Completed running task attempt: attempt_1795951360808_0001_90_02_000000_0',
    line(8, `${root}/dt=2021-01-02/clicks-0-0-5.parquet`),
    line(9, `${root}/.aside/dt=2021-01-01/clicks-0-5-9.parquet`),
    'drwxr-xr-x   - u g 0 2026-11-29 11:29 /old/dt=2021-01-01/folder',
  ]);
  const sizes = await hadoopStore(location, hive).sizes('dt=2021-01-01');
  expect([...sizes]).toEqual([['clicks-0-0-5.parquet', 7]]);
});
