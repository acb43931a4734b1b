import { describe, expect, it } from 'vitest';
import { HiveStatementError, parseHiveUrl } from './hive.ts';

describe('parseHiveUrl', () => {
  it.each([
    ['h:10000', { host: 'h', port: 10_000, username: 'clickledger', password: 'none' }],
    ['hive://h:10000', { host: 'h', port: 10_000, username: 'clickledger', password: 'none' }],
    ['hive2://me@h:1', { host: 'h', port: 1, username: 'me', password: 'none' }],
    ['me:se:cret@h:1', { host: 'h', port: 1, username: 'me', password: 'se:cret' }],
  ])('%s', (url, address) => expect(parseHiveUrl(url)).toEqual(address));

  it.each(['', 'h', 'http://h:1', 'h:port', 'a b@h:1'])('refuses "%s"', (url) => {
    expect(() => parseHiveUrl(url)).toThrow(/no address of Hive/);
  });
});

describe('HiveStatementError', () => {
  it("has the causes of the server's trace, the first one last", () => {
    const stack = [
      '*org.apache.hive.service.cli.HiveSQLException:Error while processing statement: it failed:28:27',
      'org.apache.hive.service.cli.operation.Operation:toSQLException:Operation.java:356',
      '*java.nio.file.AccessDeniedException:s3a://bucket/x: Forbidden (Status Code: 403):40:12',
      'org.apache.hadoop.fs.s3a.S3AUtils:translateException:S3AUtils.java:255',
    ].join('\n');
    expect(new HiveStatementError('failed', { cause: { message: 'failed', stack } }).causes).toEqual([
      'org.apache.hive.service.cli.HiveSQLException:Error while processing statement: it failed',
      'java.nio.file.AccessDeniedException:s3a://bucket/x: Forbidden (Status Code: 403)',
    ]);
    expect(new HiveStatementError('failed').causes).toEqual([]);
  });
});
