import { expect, test } from 'vitest';
import { setAsideSample } from '../../test/support/set_aside.ts';
import { setAsideText } from './set_aside.ts';

const MESSAGE = setAsideSample(42, 3);
const LINE = 'ad-minutes, partition 3, offset 42 (3 bytes, 2021-01-01T00:00:00.000Z): no day\n';

test('each message has a line, and the last one says how things stand', () => {
  expect(setAsideText({ total: 0, messages: [] }, 0)).toBe('no message was set aside\n');
  expect(setAsideText({ total: 1, messages: [MESSAGE] }, 0)).toBe(`${LINE}settled\n`);
  const doc = { total: 3, messages: [MESSAGE] };
  expect(setAsideText(doc, 3)).toBe(`${LINE}and 2 more\n3 not settled: answers come from ClickHouse\n`);
});
