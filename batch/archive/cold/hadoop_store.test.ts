import { expect, it } from 'vitest';
import { HiveStatementError } from '../../../infra/clients/hive.ts';
import { hadoopStore } from './hadoop_store.ts';

/** Fails every `dfs`, and says of every other command what is given. */
function failing(cause: string | null) {
  const told: string[] = [];
  const rows = async (statement: string): Promise<never[]> => {
    told.push(statement);
    if (statement.startsWith('dfs ')) throw new HiveStatementError('Command failed with exit code = 1');
    if (cause === null) return [];
    throw new HiveStatementError('no file', {
      cause: { stack: `*java.lang.RuntimeException:no file:9:8\n*${cause}:7:6` },
    });
  };
  return { told, rows };
}

it('says why a command failed, which it asks for in another way', async () => {
  const hive = failing('java.nio.file.AccessDeniedException:s3a://bucket: Forbidden');
  await expect(hadoopStore('s3a://bucket/old', hive).remove('.aside')).rejects.toThrow(
    'Hive could not carry out "dfs -rm -r -f -skipTrash s3a://bucket/old/.aside": ' +
      'java.nio.file.AccessDeniedException:s3a://bucket: Forbidden',
  );
  expect(hive.told.at(-1)).toBe('ADD FILE s3a://bucket/old/.no-such-file');
});

it.each([
  ['the place can be read', 's3a://bucket/old', 'java.io.FileNotFoundException:No such file or directory'],
  ['the server says nothing', 'hdfs://names/old', null],
  ['the place is a folder', '/cold', 'java.io.IOException:never asked'],
])('points to its log if %s', async (_, location, cause) => {
  await expect(hadoopStore(location, failing(cause)).remove('x')).rejects.toThrow(
    /exit code = 1 \(its log says why\)$/,
  );
});

it('lists files by name and bytes, whatever their file system', async () => {
  const lines = [
    'Found 3 items',
    'drwxrwxrwx   - root root          0 2026-11-23 08:28 s3a://b/dt=2000-06-01/inner',
    '-rw-rw-rw-   1 root root         15 2026-11-23 08:28 s3a://b/dt=2000-06-01/a.parquet',
    '-rw-r--r--   3 me   staff  20000000 2026-11-23 08:28 s3a://b/dt=2000-06-01/b.parquet',
  ];
  const rows = async (statement: string) =>
    (statement.startsWith('dfs -ls') ? lines : []).map((line) => ({ 'DFS Output': line })) as never[];
  expect([...(await hadoopStore('s3a://b', { rows }).sizes('dt=2000-06-01'))]).toEqual([
    ['a.parquet', 15],
    ['b.parquet', 20_000_000],
  ]);
});
