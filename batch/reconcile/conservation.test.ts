import { expect, it } from 'vitest';
import { brokenRules, conservation, copiesDropped } from './conservation.ts';

const inputs = { files: 1, rows: 10, bytes: 1, sha256: '' };
const counted = {
  documents: 4,
  clicks: 8,
  archived: 10,
  late_included: 0,
  conflicts: 0,
  annotation_conflicts: 0,
  inputs,
};
const same = { documents: 4, clicks: 8 };

it('holds for a run whose sums agree everywhere', () => {
  expect(brokenRules(conservation({ event: 'click', counted, written: same, loaded: same }))).toBeNull();
  expect(copiesDropped(counted)).toBe(2);
});

it.each([
  [
    'rows that Hive did not read',
    { counted: { ...counted, archived: 9 }, written: same, loaded: same },
    /manifests: 9 and 10/,
  ],
  [
    'a minute missing in the files',
    { counted, written: { documents: 3, clicks: 8 }, loaded: same },
    /files.*: 3 and 4/,
  ],
  ['clicks missing in the files', { counted, written: { documents: 4, clicks: 7 }, loaded: same }, /files.*: 7 and 8/],
  [
    'a doubled load',
    { counted, written: same, loaded: { documents: 8, clicks: 16 } },
    /ClickHouse.*: 8 and 4.*16 and 8/,
  ],
  ['more clicks than rows', { counted: { ...counted, clicks: 11 }, written: same, loaded: same }, /clicks ≤ rows/],
])('is broken by %s', (_, evidence, why) => {
  expect(brokenRules(conservation({ event: 'click', ...evidence }))).toMatch(why);
});

it('the rules of another kind name its events', () => {
  const rules = (event: 'click' | 'impression') =>
    conservation({ event, counted, written: same, loaded: same }).map(({ rule }) => rule);
  expect(rules('impression')).toEqual(rules('click').map((rule) => rule.replaceAll('clicks', 'impressions')));
  expect(rules('impression')).toContain("impressions in Hive's files = impressions that Hive counted");
});
