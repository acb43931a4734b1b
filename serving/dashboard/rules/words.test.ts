import { expect, test } from 'vitest';
import { problemInWords, receiptInWords } from './words.ts';

type Receipt = Parameters<typeof receiptInWords>[2];

const receipt = (
  batch: Partial<Receipt['batch']>,
  realtime: Partial<Receipt['realtime']>,
  late: number | null,
): Receipt => ({
  status: 'provisional',
  batch: { count: 0, from: null, to: null, runs: [], ...batch },
  realtime: { count: 0, from: null, to: null, ...realtime },
  watermark: null,
  boundary: null,
  late,
  sources: [],
});
const realtime = { count: 104, from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T14:32:00.000Z' };
const run = (day: number, number: number) => ({ date: `2026-11-${day}`, run: number });

test.each<[number, Receipt, string]>([
  [
    1_204,
    receipt({ count: 1_100, runs: [run(20, 3)] }, realtime, 2),
    '1,204 clicks: 1,100 final from run 3 of 20 Nov, 104 provisional up to Sat 21 Nov 15:32, 2 late, not in it.',
  ],
  [
    1_100,
    receipt({ count: 1_100, runs: [run(18, 1), run(19, 2)] }, {}, 0),
    '1,100 clicks: 1,100 final from 2 runs of 18 Nov to 19 Nov.',
  ],
  [
    1,
    receipt({}, { ...realtime, count: 1 }, null),
    '1 click: 1 provisional up to Sat 21 Nov 15:32, late ones cannot be told any more.',
  ],
  [0, receipt({}, {}, 0), '0 clicks.'],
])('%i: %o', (count, given, text) => expect(receiptInWords(count, 'clicks', given, 'Europe/Berlin')).toBe(text));

test.each([
  [
    { status: 404, type: 'urn:clickledger:problem:not-found', detail: 'nothing is found at /v1/x' },
    'This API does not answer this question yet.',
  ],
  [
    { status: 404, type: 'urn:clickledger:problem:not-found', detail: 'no run of 2026-11-21 was reconciled yet' },
    'No run of 2026-11-21 was reconciled yet.',
  ],
  [{ status: 0 }, 'The API does not answer. What is shown is from before.'],
  [{ status: 503, missing: ['hive'] }, 'Hive does not answer, so this number cannot be told now.'],
  [
    { status: 503, missing: ['clickhouse', 'elasticsearch'] },
    'ClickHouse and Elasticsearch do not answer, so this number cannot be told now.',
  ],
  [
    { status: 403, detail: 'the token of x is for counts of its ads only' },
    'The token of x is for counts of its ads only.',
  ],
  [{ status: 500, title: 'Internal error' }, 'Internal error.'],
])('%o is told as: %s', (problem, text) => expect(problemInWords(problem)).toBe(text));
