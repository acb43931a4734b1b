import { expect, test } from 'vitest';
import type { Stores } from './engines.ts';
import { readIndexerState, WITHOUT_SEARCH } from './search_state.ts';

const BOUNDARY = { boundary_ms: 60_000, watermark_ms: 61_000 };
const HELD = [{ day: '2021-01-01', realtime: 'made', runs: [], awaited: null }];
const DAYS = { held: HELD, given_up: ['2020-01-01'] };
const MESSAGE = {
  topic: 'ad-minutes',
  partition: 0,
  offset: 7,
  reason: 'no day',
  set_aside_at: '2021-01-01T00:00:00.000Z',
  size: 3,
  bytes: 'YWJj',
};

/** @param documents by id */
function storesWith(documents: Record<string, object>) {
  const asked: string[] = [];
  const mget = async ({ ids }: { ids: string[] }) => {
    asked.push(...ids);
    return { docs: ids.map((_id) => ({ _id, found: _id in documents, _source: documents[_id] })) };
  };
  const stores = {
    elasticsearch: { mget },
    event: 'click' as const,
    stateIndex: 'state',
    realtimePartitions: [0, 1],
  } as unknown as Stores;
  return { stores, asked };
}

const WHOLE = { 'boundary-0': BOUNDARY, 'boundary-1': { ...BOUNDARY, boundary_ms: 120_000 }, days: DAYS };

test('Elasticsearch is answered from as far as all partitions have come', async () => {
  const { stores } = storesWith(WHOLE);
  expect(await readIndexerState(stores)).toMatchObject({ boundaryMs: 60_000, givenUp: new Set(['2020-01-01']) });
  const { stores: settled } = storesWith({ ...WHOLE, 'set-aside': { total: 0, messages: [] } });
  expect(await readIndexerState(settled)).toMatchObject({ boundaryMs: 60_000 });
});

test('nothing is answered from Elasticsearch while a message that was set aside is not settled', async () => {
  const { stores, asked } = storesWith({ ...WHOLE, 'set-aside': { total: 1, messages: [MESSAGE] } });
  expect(await readIndexerState(stores)).toEqual({ ...WITHOUT_SEARCH, watermarkMs: 61_000 });
  // A message is set aside before a boundary moves past it: read the other way round, it could be missed.
  expect(asked.indexOf('set-aside')).toBeGreaterThan(asked.indexOf('boundary-1'));
});

test('nor while messages were never seen, and it is not known of which days; once it is, from those after them', async () => {
  const { stores } = storesWith({ ...WHOLE, 'boundary-0': { ...BOUNDARY, next_offset: 7, unseen: true } });
  expect(await readIndexerState(stores)).toEqual({ ...WITHOUT_SEARCH, watermarkMs: 61_000 });
  const { stores: known } = storesWith({ ...WHOLE, days: { ...DAYS, unseen_before: '2021-01-02' } });
  expect(await readIndexerState(known)).toMatchObject({ boundaryMs: 60_000, seenFromMs: Date.UTC(2021, 0, 2) });
});

test('nor before every partition has announced how far it is', async () => {
  const { stores } = storesWith({ ...WHOLE, 'boundary-1': { next_offset: 7, before: null } });
  expect(await readIndexerState(stores)).toEqual(WITHOUT_SEARCH);
});

test('a state that cannot be read is none', async () => {
  const { stores } = storesWith({ ...WHOLE, 'boundary-1': { boundary_ms: null, watermark_ms: 1 } });
  await expect(readIndexerState(stores)).rejects.toThrow('document boundary-1 of state: boundary_ms: ');
  const { stores: other } = storesWith({ ...WHOLE, days: { held: [{ ...HELD[0], realtime: 'yes' }], given_up: [] } });
  await expect(readIndexerState(other)).rejects.toThrow('document days of state: held.0.realtime: ');
});
