import { expect, test } from 'vitest';
import { toCsv } from './csv.ts';

test('a header, and a line for each row', () => {
  const rows = [
    { ad_id: 'ad001', count: 3 },
    { ad_id: 'ad002', count: -1 },
  ];
  expect(toCsv(['ad_id', 'count'], rows)).toBe('ad_id,count\r\nad001,3\r\nad002,-1\r\n');
  expect(toCsv(['ad_id'], [])).toBe('ad_id\r\n');
});

test.each([
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['ü', 'ü'],
  ['a=b', 'a=b'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1', "'＝1"],
  ["'=1", "''=1"],
  ['=HYPERLINK("http://a","b")', `"'=HYPERLINK(""http://a"",""b"")"`],
])('the text %s becomes the field %s', (text, field) => {
  expect(toCsv(['ad_id'], [{ ad_id: text }])).toBe(`ad_id\r\n${field}\r\n`);
});
