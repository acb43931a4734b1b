import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sql } from '../sql.ts';
import { hiveCount, hiveRowsOf } from './hive.ts';

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
