import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { fileRegister } from '../register/file_register.ts';
import type { Register } from '../register/register.ts';
import { RefusedError } from './refused.ts';
import { acceptStore, checkStore, type Store } from './stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'preflight-stores-'));
let register: Register;
beforeEach(() => {
  register = newRegister();
});
afterAll(() => rmSync(folder, { recursive: true }));
const newRegister = (): Register => fileRegister(mkdtempSync(join(folder, 'register-')));

const NOW = Date.parse('2026-01-10T12:00:00.000Z');

class FakeStore implements Store {
  readonly name = 'clickhouse' as const;
  readonly what = 'ClickHouse at a:1';
  readonly setting = 'CLICKHOUSE_URL';
  ids: string[] = [];
  readIds = async () => [...new Set(this.ids)];
  writeId = async (id: string) => {
    this.ids.push(id);
  };
}

test('a store gets an id at the first start, and is the same one at every later start', async () => {
  const store = new FakeStore();
  await checkStore(register, store, NOW);
  expect(store.ids).toHaveLength(1);
  await checkStore(register, store, NOW);
  expect(store.ids).toHaveLength(1);
});

test('roles that start at once agree on the id', async () => {
  const store = new FakeStore();
  await Promise.all(Array.from({ length: 5 }, () => checkStore(register, store, NOW)));
  expect(new Set(store.ids).size).toBe(1);
});

test('a start that ended between deciding the id and writing it is made up for', async () => {
  const store = new FakeStore();
  await expect(
    checkStore(register, Object.assign(new FakeStore(), { writeId: () => Promise.reject(new Error('killed')) }), NOW),
  ).rejects.toThrow('killed');
  await checkStore(register, store, NOW);
  expect(store.ids).toHaveLength(1);
});

test('an emptied store is refused, unless somebody else sees to it that it is filled again', async () => {
  await checkStore(register, new FakeStore(), NOW);
  await expect(checkStore(register, new FakeStore(), NOW)).rejects.toThrow(
    /^CLICKHOUSE_URL: ClickHouse at a:1 is empty, and was not; see docs\/operations\.md/,
  );
  const withCommand = Object.assign(new FakeStore(), { refill: './clickledger restore' });
  await expect(checkStore(register, withCommand, NOW)).rejects.toThrow(
    /^CLICKHOUSE_URL: ClickHouse at a:1 is empty, and was not: "\.\/clickledger restore" brings back what it had; see/,
  );
  const refilled = Object.assign(new FakeStore(), { isRefilled: true as const });
  await checkStore(register, refilled, NOW);
  expect(refilled.ids).toHaveLength(1);
});

test('another store is refused, and so is one of a platform with another register', async () => {
  const [ours, theirs] = [new FakeStore(), new FakeStore()];
  await checkStore(register, ours, NOW);
  await checkStore(newRegister(), theirs, NOW);
  await expect(checkStore(register, theirs, NOW)).rejects.toThrow(/is another one .* than the one on record/);
  await expect(checkStore(newRegister(), ours, NOW)).rejects.toThrow(/belongs to another platform, or REGISTER_URL/);
  ours.ids.push(theirs.ids[0] ?? '');
  await expect(checkStore(register, ours, NOW)).rejects.toThrow(/has the ids of several platforms/);
});

test('a store with an id of its own is taken as it is at first, and then held to it', async () => {
  const withId = (id: string) => Object.assign(new FakeStore(), { ids: [id], writeId: null });
  await checkStore(register, withId('a'), NOW);
  await checkStore(register, withId('a'), NOW);
  await expect(checkStore(register, withId('b'), NOW)).rejects.toThrow(RefusedError);
});

test('a role that only reads gives no id, but refuses another store', async () => {
  const store = new FakeStore();
  await checkStore(register, store, NOW, false);
  expect(store.ids).toEqual([]);
  await checkStore(register, new FakeStore(), NOW);
  store.ids = ['another'];
  await expect(checkStore(register, store, NOW, false)).rejects.toThrow(RefusedError);
});

test('a store that was accepted is the one from then on', async () => {
  const [before, after] = [new FakeStore(), new FakeStore()];
  await checkStore(register, before, NOW);
  await checkStore(newRegister(), after, NOW);
  await expect(checkStore(register, after, NOW)).rejects.toThrow(RefusedError);
  await acceptStore(register, 'clickhouse', NOW);
  await checkStore(register, after, NOW);
  await checkStore(register, after, NOW);
  expect(after.ids).toHaveLength(1);
  await expect(checkStore(register, before, NOW)).rejects.toThrow(RefusedError);

  const emptied = new FakeStore();
  await acceptStore(register, 'clickhouse', NOW);
  await checkStore(register, emptied, NOW);
  expect(emptied.ids).toHaveLength(1);
});

test('whatever is killed on the way, the next start has one id in register and store', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 4 }), { maxLength: 6 }), async (kills) => {
      const [one, store] = [newRegister(), new FakeStore()];
      for (const kill of kills) {
        let left = kill;
        const step = <T>(work: () => Promise<T>): Promise<T> =>
          left-- > 0 ? work() : Promise.reject(new Error('killed'));
        const killed: Register = { ...one, create: (key, value) => step(() => one.create(key, value)) };
        const dying = Object.assign(new FakeStore(), {
          readIds: store.readIds,
          writeId: (id: string) => step(() => store.writeId(id)),
        });
        await checkStore(killed, dying, NOW).catch(() => {});
      }
      await checkStore(one, store, NOW);
      await checkStore(one, store, NOW);
      expect(new Set(store.ids).size).toBe(1);
    }),
    { numRuns: 30 },
  );
});
