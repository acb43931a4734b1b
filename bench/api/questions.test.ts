import { expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { type BenchQuestion, NewQuestions, questionAt } from './questions.ts';

const indexed = { index: '', fromMs: 0, toMs: 10 * MINUTE_MS, clicksOf: () => 0 };
const text = ({ ad, from, to }: BenchQuestion): string => `${ad} ${from} ${to}`;

test('no two questions are equal, and all lie within the indexed minutes', () => {
  const starts = 10 - 5 + 1;
  const all = Array.from({ length: 2_000 * starts * 5 }, (_, n) => questionAt(n, indexed));
  expect(new Set(all.map(text)).size).toBe(all.length);
  expect(all.every(({ from, to }) => from >= 0 && from < to && to <= indexed.toMs)).toBe(true);
  expect(() => questionAt(all.length, indexed)).toThrow('only 60000 different questions');
});

test('for a long day each question covers an hour', () => {
  const { from, to } = questionAt(12_345, { ...indexed, toMs: 500 * MINUTE_MS });
  expect(to - from).toBe(HOUR_MS);
});

test('new questions continue after those that were asked', () => {
  const questions = new NewQuestions(indexed);
  const [first, second] = questions.paths(2, text);
  expect(questions.paths(1, text)).toEqual([first]);
  questions.wereAsked(1);
  expect(questions.paths(1, text)).toEqual([second]);
});
