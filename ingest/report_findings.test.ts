import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openFindings } from '../infra/register/findings.ts';
import { untilTrue } from '../test/support/ingest_site.ts';
import { memoryRegister } from '../test/support/memory_register.ts';
import type { WarningOfFile } from './log_findings.ts';
import { FindingsReporter } from './report_findings.ts';

const log = pino({ level: 'silent' });
const at = (text: string): number => Date.parse(text);

const UNREAD: WarningOfFile & { code: 'log_unread' } = {
  code: 'log_unread',
  generation: 'abc234',
  path: '/logs/a.log',
  offset: 700,
  bytes: 350,
  compressed: '/logs/a.log.1.gz',
  bornMs: at('2026-11-28T09:00:00Z'),
  changedMs: at('2026-11-29T10:00:00Z'),
};

const WARNINGS: WarningOfFile[] = [
  UNREAD,
  { ...UNREAD, generation: 'abc235', bytes: null, compressed: null },
  { code: 'log_counted_again', generation: 'abc236', path: '/logs/b.log', bytes: 70, before: '/logs/a.log' },
  { code: 'log_taken_for_moved', generation: 'abc237', path: '/new/a.log', bytes: 1400, before: '/logs/a.log' },
  { code: 'log_name', path: '/logs/zo\uFFFD.log', bytes: 70 },
  { code: 'log_link', path: '/logs/c.log', bytes: 4_711, owner: 0, link: { path: '/logs/c.log', owner: 1_001 } },
];

test('each warning is said in the status with file and bytes, once, also if the register is away for a while', async () => {
  const register = memoryRegister();
  let failures = 2;
  const away: typeof register = {
    ...register,
    list: async (prefix) => (failures-- > 0 ? Promise.reject(new Error('away')) : register.list(prefix)),
  };
  const reporter = new FindingsReporter(away, 'web-1', 1, log);
  for (const warning of [...WARNINGS, ...WARNINGS]) reporter.warn(warning);
  await untilTrue(async () => expect(await openFindings(register)).toHaveLength(WARNINGS.length));
  await reporter.close();
  const open = await openFindings(register);
  for (const warning of WARNINGS) {
    const bytes = String(warning.bytes ?? 'if there was anything');
    const file = `${JSON.stringify(warning.path)} on web-1`;
    const said = open.filter(({ code, what }) => code === warning.code && what.includes(file) && what.includes(bytes));
    expect(said, `${warning.code}, ${bytes}`).toHaveLength(1);
  }
});

test('only bytes that are known to be missing are in receipts, for the days in which they were written', async () => {
  const register = memoryRegister();
  const reporter = new FindingsReporter(register, 'web-1', 1, log);
  for (const warning of WARNINGS) reporter.warn(warning);
  await untilTrue(async () => expect(await openFindings(register)).toHaveLength(WARNINGS.length));
  await reporter.close();
  const missing = (await openFindings(register)).filter(({ is_operational }) => !is_operational);
  expect(missing).toMatchObject([
    { code: 'log_unread', range: { from: '2026-11-28T00:00:00.000Z', to: '2026-11-30T00:00:00.000Z' } },
  ]);
});

test('a file that is there again settles its warning', async () => {
  const register = memoryRegister();
  const reporter = new FindingsReporter(register, 'web-1', 1, log);
  reporter.warn(UNREAD);
  reporter.warn({ code: 'log_found', generation: 'abc234' });
  await untilTrue(async () => expect(await register.list('findings/settled/')).toHaveLength(1));
  expect(await openFindings(register)).toEqual([]);
  await reporter.close();
});
