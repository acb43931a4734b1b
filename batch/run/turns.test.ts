import { expect, test } from 'vitest';
import type { EventKind } from '../../domain/event_kinds.ts';
import { Turns } from './turns.ts';

/** Work that ends when it is told to. */
function site() {
  const turns = new Turns();
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (event: EventKind, name: string): Promise<void> =>
    turns.run(event, () => {
      log.push(name);
      return new Promise<void>((end) => ends.set(name, end));
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    // Whoever is next begins within a few microtasks.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ask, end, log };
}

test('clicks wait for the piece that is under way, and for no other', async () => {
  const { ask, end, log } = site();
  const all = [ask('impression', 'first slice'), ask('impression', 'second slice'), ask('conversion', 'conversions')];
  all.push(ask('click', 'clicks'), ask('click', 'more clicks'));
  expect(log).toEqual(['first slice']);
  const order = ['first slice', 'clicks', 'more clicks', 'second slice', 'conversions'];
  for (const [n, name] of order.entries()) {
    expect(log).toEqual(order.slice(0, n + 1));
    await end(name);
  }
  await Promise.all(all);
});

test('work that fails passes the turn on', async () => {
  const { ask, end, log } = site();
  const turns = new Turns();
  await expect(turns.run('click', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(await turns.run('impression', async () => 'done')).toBe('done');
  const one = ask('impression', 'alone');
  expect(log).toEqual(['alone']);
  await end('alone');
  await one;
});
