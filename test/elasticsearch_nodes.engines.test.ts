import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readConfig } from '../infra/config.ts';
import { MIGRATE } from '../infra/schema.ts';
import { adUrl, get } from './support/api/get.ts';
import { startWorld, type World } from './support/api/server.ts';
import { FIRST_MS, LAST_MS, plainCounts, select } from './support/api/world.ts';
import { type SearchNodes, startSearchNodes } from './support/elasticsearch_nodes.ts';
import { eventually } from './support/wait.ts';

const LIMIT_MS = 180_000;
let nodes: SearchNodes;
let world: World;
let api = '';

beforeAll(async () => {
  nodes = await startSearchNodes(3);
  const env = { ...inject('env'), ELASTICSEARCH_URL: nodes.urls.join() };
  await MIGRATE.elasticsearch(readConfig(env), () => {});
  world = await startWorld(env, 'nodes-test');
  api = await world.serve();
}, 2 * LIMIT_MS);
afterAll(async () => {
  await world?.stop();
  await nodes?.stop();
});

/** A question about each ad: what the answers are, what they must be, and where they come from. */
async function answers() {
  const ads = [...new Set(world.rows.map(({ ad_id }) => ad_id))];
  const asked = ads.map(async (ad) => {
    const { status, body } = await get(adUrl(api, ad, 'aggregated_count', { from: FIRST_MS, to: LAST_MS }));
    const { batch, realtime } = plainCounts(
      select(world.rows, FIRST_MS, LAST_MS, {}).filter(({ ad_id }) => ad_id === ad),
    );
    return { got: [ad, status, body.count], expected: [ad, 200, batch + realtime], sources: body.receipt?.sources };
  });
  return Promise.all(asked);
}

async function expectExact(): Promise<string[]> {
  const all = await answers();
  expect(all.map(({ got }) => got)).toEqual(all.map(({ expected }) => expected));
  return all.flatMap(({ sources }) => sources);
}

const health = () => world.stores.elasticsearch.cluster.health();
const isWhole = async (): Promise<boolean> => {
  const { number_of_nodes, status } = await health();
  return number_of_nodes === 3 && status === 'green';
};

test('each index has a copy on another node', { timeout: LIMIT_MS }, async () => {
  await eventually('the cluster is whole', isWhole, LIMIT_MS);
  const { active_shards, active_primary_shards } = await health();
  expect(active_primary_shards).toBeGreaterThan(0);
  expect(active_shards).toBe(2 * active_primary_shards);
  expect(await expectExact()).toContain('elasticsearch');
});

test('answers stay exact when the node that leads the cluster is killed, and when it has come back', {
  timeout: 2 * LIMIT_MS,
}, async () => {
  const [leader] = await world.stores.elasticsearch.cat.master({ format: 'json' });
  nodes.kill(String(leader?.node));
  await expectExact();
  await eventually(
    'the others go on without it',
    async () => {
      await expectExact();
      return (await health()).number_of_nodes === 2;
    },
    LIMIT_MS,
  );
  expect(await expectExact()).toContain('elasticsearch');
  await eventually(
    'the cluster is whole again',
    async () => {
      await expectExact();
      return isWhole();
    },
    LIMIT_MS,
    500,
  );
  expect(await expectExact()).toContain('elasticsearch');
});
