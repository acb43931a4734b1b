import { expect, test } from 'vitest';
import { Serial } from './serial.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('one piece of work begins when the one before has ended, in the order they were asked for', async () => {
  const serial = new Serial();
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await turn();
    seen.push(`${name} ends`);
    return name;
  };
  const results = [serial.run(work('a')), serial.run(work('b')), serial.run(work('c'))];
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c']);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('whoever asked is told of a failure, and what comes behind it is done', async () => {
  const serial = new Serial();
  const failed = serial.run(() => Promise.reject(new Error('full')));
  const behind = serial.run(async () => 'done');
  await expect(failed).rejects.toThrow('full');
  expect(await behind).toBe('done');
});

test('where a failure ends everything, nothing is begun behind it', async () => {
  const serial = new Serial({ endsAtFailure: true });
  let begun = 0;
  const begin = async (): Promise<void> => {
    begun += 1;
  };
  const failed = serial.run(() => Promise.reject(new Error('full')));
  const behind = serial.run(begin);
  await expect(failed).rejects.toThrow('full');
  await expect(behind).rejects.toThrow('full');
  await expect(serial.run(begin)).rejects.toThrow('full');
  await serial.ended();
  expect(begun).toBe(0);
});

test('the end is that of everything asked for, also of what fails', async () => {
  const serial = new Serial();
  await serial.ended();
  let ended = false;
  serial.run(turn);
  const last = serial.run(async () => {
    await turn();
    ended = true;
    throw new Error('full');
  });
  last.catch(() => {});
  await serial.ended();
  expect(ended).toBe(true);
});
