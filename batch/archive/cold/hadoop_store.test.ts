import { expect, test } from 'vitest';
import { hadoopStore } from './hadoop_store.ts';

const line = (bytes: number, path: string): string => `-rw-r--r--   1 u g ${bytes} 2026-11-29 11:29 ${path}`;

type Answers = Record<'count' | 'ls', string[]>;

/** Gives these answers, one after the other; the last of them from then on. */
const hiveWith = (...answers: Answers[]) => {
  const asked = { count: 0, ls: 0 };
  return {
    asked,
    rows: async <Row>(command: string): Promise<Row[]> => {
      const [, what] = /^dfs -(count|ls) /.exec(command) ?? [];
      if (what === undefined) return [];
      const lines = answers[Math.min(asked[what as keyof Answers]++, answers.length - 1)] as Answers;
      return lines[what as keyof Answers].map((text) => ({ 'DFS Output': text }) as Row);
    },
  };
};

test.each([
  ['hdfs://host:9000/old', 'hdfs://host:9000/old'],
  ['s3a://bucket/old', 's3a://bucket/old'],
  ['/old', '/old'],
  ['/old', 'file:///old'],
])('at %s, listed as %s, only files of the folder are its files, whatever else Hive prints', async (location, root) => {
  const hive = hiveWith({
    count: [
      `   1    3    99 ${root}/dt=2021-01-02`,
      `           1            1                  7 ${root}/dt=2021-01-01`,
    ],
    ls: [
      'Found 2 items',
      line(7, `${root}/dt=2021-01-01/clicks-0-0-5.parquet`),
      '2026-11-29 11:29:53 Completed running task attempt: attempt_1795951360808_0001_90_02_000000_0',
      line(8, `${root}/dt=2021-01-02/clicks-0-0-5.parquet`),
      line(9, `${root}/.aside/dt=2021-01-01/clicks-0-5-9.parquet`),
      'drwxr-xr-x   - u g 0 2026-11-29 11:29 /old/dt=2021-01-01/folder',
    ],
  });
  const sizes = await hadoopStore(location, hive).sizes('dt=2021-01-01');
  expect([...sizes]).toEqual([['clicks-0-0-5.parquet', 7]]);
});

const FILE = line(7, '/old/dt=2021-01-01/clicks-0-0-5.parquet');
const TWO = '1 2 14 file:///old/dt=2021-01-01';

test('a listing that lacks a file, or says nothing of how many there are, is asked for again', async () => {
  const whole = { count: [TWO], ls: [FILE, line(7, '/old/dt=2021-01-01/clicks-0-5-9.parquet')] };
  const hive = hiveWith({ count: [TWO], ls: [FILE] }, { count: [TWO], ls: [] }, { ...whole, count: [] }, whole);
  const sizes = await hadoopStore('/old', hive).sizes('dt=2021-01-01');
  expect([...sizes.keys()]).toEqual(['clicks-0-0-5.parquet', 'clicks-0-5-9.parquet']);
  expect(hive.asked).toEqual({ count: 4, ls: 4 });
});

test('an empty folder is one that Hive counts no file in', async () => {
  const hive = hiveWith({ count: [], ls: [] }, { count: ['1 0 0 /old/dt=2021-01-01'], ls: [] });
  expect([...(await hadoopStore('/old', hive).sizes('dt=2021-01-01'))]).toEqual([]);
  expect(hive.asked.ls).toBe(2);
});

test('a folder that is never listed completely is an error, not a folder with fewer files', async () => {
  const listing = hadoopStore('/old', hiveWith({ count: [TWO], ls: [FILE] })).sizes('dt=2021-01-01');
  await expect(listing).rejects.toThrow('Hive listed file:///old/dt=2021-01-01 20 times, never completely');
});
