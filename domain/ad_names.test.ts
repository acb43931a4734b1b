import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AdName, changedNames, type GivenAdName, NO_TEXTS, namesAt } from './ad_names.ts';

const named = (ad_id: string, valid_from_s: number, name: string): AdName => ({
  ...NO_TEXTS,
  ad_id,
  valid_from_s,
  name,
});
const given = (ad_id: string, valid_from_s: number | null, name: string): GivenAdName => ({
  ...named(ad_id, 0, name),
  valid_from_s,
});
const NOW = 6_000;

test.each<[string, AdName[], number, string]>([
  ['none', [], NOW, ''],
  ['one that always held', [named('a', 0, 'A')], 0, 'A'],
  ['one that does not hold yet', [named('a', 60, 'A')], 59, ''],
  ['the last that holds, in any order', [named('a', 120, 'C'), named('a', 0, 'A'), named('a', 60, 'B')], 119, 'B'],
  ['from its minute on', [named('a', 120, 'C'), named('a', 0, 'A')], 120, 'C'],
])('names at a time: %s', (_, names, atS, expected) => {
  expect(namesAt(names, atS).name).toBe(expected);
});

test.each<[string, AdName[], GivenAdName, AdName[]]>([
  ['the first names of an ad hold always', [], given('a', null, 'A'), [named('a', 0, 'A')]],
  ['no names of an ad without any are no change', [], given('a', null, ''), []],
  ['what is already so is no change', [named('a', 0, 'A')], given('a', null, 'A'), []],
  ['others hold from now on', [named('a', 0, 'A')], given('a', null, 'B'), [named('a', NOW, 'B')]],
  ['so do none', [named('a', 0, 'A')], given('a', null, ''), [named('a', NOW, '')]],
  ['beside names of later', [named('a', 9_000, 'Z')], given('a', null, 'B'), [named('a', NOW, 'B')]],
  ['a time is as it is given', [named('a', 0, 'A')], given('a', 60, 'B'), [named('a', 60, 'B')]],
  ['the same at the same time is no change', [named('a', 60, 'B')], given('a', 60, 'B'), []],
  ['others at the same time are', [named('a', 60, 'B')], given('a', 60, 'C'), [named('a', 60, 'C')]],
  ['names of another ad are not its own', [named('b', 0, 'A')], given('a', null, 'A'), [named('a', 0, 'A')]],
])('changes: %s', (_, known, one, expected) => {
  const byAd = new Map<string, AdName[]>(known.map((name) => [name.ad_id, [name]]));
  expect(changedNames([one], byAd, NOW)).toEqual(expected);
});

test('given twice it changes nothing the second time, and no time before the first change', () => {
  const text = fc.constantFrom('', 'x', 'y');
  const seconds = fc.integer({ min: 0, max: 200 }).map((minute) => minute * 60);
  const known = fc.uniqueArray(fc.tuple(seconds, text), { selector: ([at]) => at, maxLength: 5 });
  fc.assert(
    fc.property(known, fc.option(seconds), text, (names, at, name) => {
      const before = names.map(([at, name]) => named('a', at, name));
      const changes = changedNames([given('a', at, name)], new Map([['a', before]]), NOW);
      const after = [...before.filter((one) => changes.every((c) => c.valid_from_s !== one.valid_from_s)), ...changes];
      expect(changedNames([given('a', at, name)], new Map([['a', after]]), NOW)).toEqual([]);
      expect(namesAt(after, at ?? NOW).name).toBe(name);
      const first = Math.min(...changes.map(({ valid_from_s }) => valid_from_s));
      for (let s = 0; s < Math.min(first, 12_000); s += 60) expect(namesAt(after, s)).toEqual(namesAt(before, s));
    }),
  );
});
