import { expect, test } from 'vitest';
import { createLog } from '../../infra/log.ts';
import type { Register } from '../../infra/register/register.ts';
import { EVENT, LedgerCopy } from '../../test/support/ledger_copy.ts';
import { memoryRegister } from '../../test/support/memory_register.ts';
import { startLedger } from './ledger_import.ts';
import { ledgerReady } from './ledger_ready.ts';
import { keyOfEvent } from './ledger_row.ts';

const log = createLog('test');
log.level = 'silent';
const signal = new AbortController().signal;

test('publishing waits while the register is away, and then goes on', async () => {
  const register = memoryRegister();
  let isAway = true;
  const away: Register = {
    ...register,
    list: async (prefix) => {
      if (isAway) throw new Error('EACCES: permission denied');
      return register.list(prefix);
    },
  };
  const said: (string | null)[] = [];
  const ledger = {
    event: 'click' as const,
    register: away,
    clickhouse: new LedgerCopy().clickhouse(),
    archiveDir: '/nowhere',
    log,
    signal,
  };
  await ledgerReady(
    ledger,
    (why) => {
      said.push(why);
      isAway = false;
    },
    1,
  );
  expect(said).toEqual(['the register cannot be read: EACCES: permission denied', null]);
});

test('publishing waits while a copy has what the register does not, until it is brought forward', async () => {
  const register = memoryRegister();
  await startLedger(register, 'own');
  const copy = new LedgerCopy();
  copy.rows = [{ ...EVENT, register: 'own' }];
  const said: (string | null)[] = [];
  await ledgerReady(
    { event: 'click', register, clickhouse: copy.clickhouse(), archiveDir: '/nowhere', log, signal },
    (why) => {
      said.push(why);
      void register.create(keyOfEvent(EVENT.date, EVENT.seq), EVENT);
    },
    1,
  );
  expect(said).toEqual([expect.stringContaining('./clickledger restore --register'), null]);
});

test('another failure ends it', async () => {
  const clickhouse = { query: async () => Promise.reject(new Error('connect ECONNREFUSED')) } as never;
  const ledger = {
    event: 'click' as const,
    register: memoryRegister(),
    clickhouse,
    archiveDir: '/nowhere',
    log,
    signal,
  };
  await expect(ledgerReady(ledger)).rejects.toThrow('ECONNREFUSED');
});
