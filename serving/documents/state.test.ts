import { expect, test } from 'vitest';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import type { DaysDoc } from './days.ts';
import { announcedIn, partitionDoc, readStateDoc, updateDays } from './state.ts';

/** An index with one document, whatever is asked for. */
function fake(_source: unknown) {
  const written: unknown[] = [];
  const elasticsearch = {
    get: async () => ({ _source, _seq_no: 1, _primary_term: 1 }),
    index: async ({ document }: { document: unknown }) => void written.push(document),
  } as unknown as ElasticsearchClient;
  return { elasticsearch, written };
}

test.each([
  { boundary_ms: 1, watermark_ms: 2 },
  { boundary_ms: 1, watermark_ms: 2, filters: { '7.1': 0 } },
  { boundary_ms: 1, watermark_ms: 2, version: 3, next_offset: 4, before: null, unseen: true },
  { next_offset: 4, before: { value: 'ab', time_ms: 5 } },
])('the state of a partition is read: %j', async (document) => {
  expect(await readStateDoc(fake(document).elasticsearch, partitionDoc, 'state', 'boundary-0')).toEqual(document);
});

test.each<[object, string]>([
  [{ boundary_ms: null, watermark_ms: 2 }, 'boundary_ms: '],
  [{ boundary_ms: 1, watermark_ms: 2, filters: { '7.1': '0' } }, 'filters.7.1: '],
  [{ boundary_ms: 1, watermark_ms: 2, next_offset: -1 }, 'next_offset: '],
])('%j is no state of a partition', async (document, expected) => {
  const read = readStateDoc(fake(document).elasticsearch, partitionDoc, 'state', 'boundary-0');
  await expect(read).rejects.toThrow(`document boundary-0 of state: ${expected}`);
});

test('what was announced on a partition is told from how far it was applied', () => {
  const announced = { boundary_ms: 1, watermark_ms: 2, filters: {}, version: 3 };
  expect(announcedIn({ ...announced, next_offset: 4, before: null, unseen: true })).toEqual(announced);
  expect(announcedIn({ next_offset: 4, before: null })).toBeNull();
  expect(announcedIn(null)).toBeNull();
});

const DAYS: DaysDoc = {
  held: [{ day: '2021-01-01', realtime: 'made', runs: [{ run: 1, complete: true }], awaited: null }],
  given_up: ['2020-01-01'],
};

test('days that are left as they are are not written', async () => {
  const { elasticsearch, written } = fake(DAYS);
  expect(await updateDays(elasticsearch, 'state', (days) => days)).toEqual(DAYS);
  expect(written).toEqual([]);
  const changed = await updateDays(elasticsearch, 'state', (days) => ({ ...days, given_up: [] }));
  expect(written).toEqual([changed]);
});

test('days that cannot be read are never written over', async () => {
  const { elasticsearch, written } = fake({ ...DAYS, held: [{ ...DAYS.held[0], realtime: 'lost' }] });
  const update = updateDays(elasticsearch, 'state', (days) => ({ ...days, given_up: [] }));
  await expect(update).rejects.toThrow('document days of state: held.0.realtime: ');
  expect(written).toEqual([]);
});
