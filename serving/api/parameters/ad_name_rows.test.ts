import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problem } from '../contract/problem.ts';
import { adNameRows, readAdNames } from './ad_name_rows.ts';

const csv = (text: string) => readAdNames({ isCsv: true, text });
const json = (value: unknown) => readAdNames({ isCsv: false, text: JSON.stringify(value) });
const NONE = { name: '', campaign: '', advertiser: '', valid_from_s: null };

async function faultsOf(work: Promise<unknown>): Promise<string> {
  const problem = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(problem instanceof Problem)) throw new Error(`no problem: ${String(problem)}`);
  expect([problem.status, problem.type]).toEqual([400, 'urn:clickledger:problem:bad-rows']);
  return problem.message;
}

test.each<[string, string, unknown[]]>([
  ['the id alone', 'ad_id\na\n', [{ ...NONE, ad_id: 'a' }]],
  ['columns in any order', 'name,ad_id\nN,a', [{ ...NONE, ad_id: 'a', name: 'N' }]],
  ['nothing is not given', 'ad_id,name,valid_from\na,,\n', [{ ...NONE, ad_id: 'a' }]],
  ['quotes, commas, other ends of lines', 'ad_id,name\r\na,"x, ""y"""\r\n', [{ ...NONE, ad_id: 'a', name: 'x, "y"' }]],
  ['empty lines', 'ad_id\n\na\n\n', [{ ...NONE, ad_id: 'a' }]],
  ['a byte order mark', '\uFEFFad_id\na', [{ ...NONE, ad_id: 'a' }]],
  ['a header without rows', 'ad_id,name\n', []],
  [
    'an ad at several times',
    'ad_id,campaign,valid_from\na,A,1970-01-01\na,B,2026-03-01T01:00+01:00\n',
    [
      { ...NONE, ad_id: 'a', campaign: 'A', valid_from_s: 0 },
      { ...NONE, ad_id: 'a', campaign: 'B', valid_from_s: Date.UTC(2026, 2, 1) / 1_000 },
    ],
  ],
])('CSV: %s', async (_, text, expected) => {
  expect(await csv(text)).toEqual(expected);
});

test('JSON says the same', async () => {
  expect(
    await json([
      { ad_id: 'a', name: null },
      { ad_id: 'b', advertiser: ' Ä ', valid_from: '2026-01-01' },
    ]),
  ).toEqual([
    { ...NONE, ad_id: 'a' },
    { ...NONE, ad_id: 'b', advertiser: 'Ä', valid_from_s: Date.UTC(2026, 0, 1) / 1_000 },
  ]);
});

test.each<[string, RegExp]>([
  ['', /line 1: expected a header with ad_id, name, campaign, advertiser, valid_from/],
  ['name\nx\n', /line 1, ad_id: expected a header line with this column/],
  ['ad_id,ad_id\na,a\n', /line 1, ad_id: expected each column once/],
  ['ad_id,Name\na,a\n', /line 1, Name: expected only ad_id, name, campaign, advertiser, valid_from/],
  ['ad_id,name\na\nb,c,d\n', /line 2: expected 2 fields, as the header has, got "1"; line 3: .*got "3"/],
  ['ad_id,name\n a,b\nc\n', /line 2, ad_id: .*line 3: expected 2 fields/],
  ['ad_id,name\na,"x\n', /line \d+: expected CSV \(RFC 4180\): /],
  ['ad_id,name\na,x"y"\n', /line 2: expected CSV/],
  ['ad_id\n" a"\n', /line 2, ad_id: expected an ad id of 1 to 127 bytes, got " a"/],
  [`ad_id,name\na,${'x'.repeat(201)}\n`, /line 2, name: expected a text of 1 to 200 characters, or null/],
  ['ad_id,valid_from\na,2026-01-01T00:00:30Z\n', /line 2, valid_from: expected a whole minute from 1970 to 2105/],
  ['ad_id,valid_from\na,2026-02-30\nb,2106-01-01\nc,1969-12-31\n', /line 2, valid.*line 3, valid.*line 4, valid/],
  ['ad_id\na\na\n', /line 3, ad_id: expected each ad once, .* it is in line 2, got "a"/],
  ['ad_id,valid_from\na,\na,2026-01-01\n', /line 3, ad_id: expected each ad once/],
  ['ad_id,valid_from\na,2026-01-01\na,2026-01-01T00:00Z\n', /line 3, ad_id: expected each ad once/],
])('CSV %j is refused', async (text, expected) => {
  expect(await faultsOf(csv(text))).toMatch(expected);
});

test.each<[unknown, RegExp]>([
  [{}, /body: expected a list of objects/],
  [[1], /entry 0: expected an object with ad_id/],
  [[{ name: 'x' }], /entry 0, ad_id: expected an ad id/],
  [[{ ad_id: 'a' }, { ad_id: 'b', name: 7, colour: 1 }], /entry 1, name: .*got "7".*entry 1, colour: expected only/],
  [[{ ad_id: 'a', name: '' }], /entry 0, name: expected a text of 1 to 200/],
  [[{ ad_id: 'a', name: 'x\ud800' }], /entry 0, name/],
])('JSON %j is refused', async (value, expected) => {
  expect(await faultsOf(json(value))).toMatch(expected);
});

test('all faults are counted, and twenty told', async () => {
  const lines = Array.from({ length: 50 }, () => ',');
  expect(await faultsOf(csv(['ad_id,name', ...lines].join('\n')))).toMatch(/and 30 more$/);
  expect(await faultsOf(readAdNames({ isCsv: false, text: '[' }))).toMatch(/^nothing was changed: body: expected JSON/);
});

test('so many rows are one request too many', async () => {
  const rows = Array.from({ length: 200_001 }, (_, n) => ({ ad_id: `${n}` }));
  expect(await faultsOf(json(rows))).toMatch(/body: expected at most 200000 rows/);
});

test('what is plainly right is so by the schema, and the other way round', async () => {
  const some = fc.constantFrom<unknown>(
    'a',
    ' a',
    'ä b',
    '',
    ' ',
    'x'.repeat(200),
    'x'.repeat(201),
    '\u0007',
    '\ud800',
    null,
    7,
    [],
  );
  const time = fc.constantFrom<unknown>('2026-01-01', '2026-01-01T00:00:30Z', '2026-02-30', '1969-12-31', '', null, 0);
  const row = fc.record(
    { ad_id: some, name: some, campaign: some, advertiser: some, valid_from: time, other: fc.constant('x') },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(row, fc.constantFrom<unknown>(null, 7, 'a', [])), async (one) => {
      const bySchema = adNameRows.safeParse([one]).success;
      const byRows = await readAdNames({ isCsv: false, text: JSON.stringify([one]) }).then(
        () => true,
        () => false,
      );
      expect([one, byRows]).toEqual([one, bySchema]);
    }),
  );
});
