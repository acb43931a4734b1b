import { expect, it } from 'vitest';
import type { BatchRun } from '../run/ledger.ts';
import { runInQuestion } from './recheck.ts';

const runs = (...states: BatchRun['state'][]) => states.map((state, i) => ({ run: i + 1, state }) as BatchRun);

it.each([
  ['the current one', ['superseded', 'published'], 2],
  ['the last blocked one', ['published', 'blocked'], 2],
  ['the blocked one, whatever was previewed since', ['published', 'blocked', 'previewed'], 2],
  ['the current one if a blocked one was recounted', ['blocked', 'published'], 2],
  ['the one that was returned to', ['published', 'rolled_back'], 1],
] as const)('looks at %s', (_, states, run) => expect(runInQuestion(runs(...states))?.run).toBe(run));

it.each([[[]], [['failed', 'previewed']], [['rolled_back']]] as const)('has nothing to compare in %j', (states) => {
  expect(runInQuestion(runs(...states))).toBeNull();
});
