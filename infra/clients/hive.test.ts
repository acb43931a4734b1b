import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sql } from '../sql.ts';
import { hiveCount, hiveRowsOf, parseHiveUrl } from './hive.ts';

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

describe('hiveRowsOf', () => {
  const TOTALS = sql('hive/rebuild/read_totals.sql');
  const row = z.object({ clicks: hiveCount });
  const answering = (rows: unknown[]) => ({ rows: async <Row>() => rows as Row[] });

  it('reads counts that were cast to texts', async () => {
    expect(await hiveRowsOf(answering([{ clicks: '12' }]), row, TOTALS)).toEqual([{ clicks: 12 }]);
  });

  it.each([null, '', 'NULL', '-1', '1.0', 12, '9007199254740992'])('takes %j for no count', async (clicks) => {
    const read = hiveRowsOf(answering([{ clicks }]), row, TOTALS);
    await expect(read).rejects.toThrow('row 1 of sql/hive/rebuild/read_totals.sql: clicks: ');
  });
});
