import fc from 'fast-check';
import { expect, test } from 'vitest';
import { annotationsOfRow } from './annotations.ts';
import { annotationsColumn, annotationsSize, copyAnnotationsColumn, writeAnnotations } from './annotations_wire.ts';
import { annotations } from './click_samples.ts';

const some = annotations.filter(({ size }) => size > 0);

test('as a column of a text line they are the same from RowBinary, no longer than that, and without tab or line end', () => {
  fc.assert(
    fc.property(some, fc.nat({ max: 50 }), (all, before) => {
      const wire = Buffer.alloc(before + annotationsSize(all));
      writeAnnotations(wire, before, all);
      const out = Buffer.alloc(wire.length);
      const end = copyAnnotationsColumn(out, before, wire, before);
      expect(out.toString('utf8', before, end)).toBe(annotationsColumn(all));
      expect(end).toBeLessThanOrEqual(wire.length);
      expect(out.toString()).not.toMatch(/[\t\n\r]/);
    }),
  );
});

test('the column has names and values by turns', () => {
  expect(annotationsColumn(new Map())).toBe('');
  const all = new Map([
    ['ua', 'a "b" \\ c'],
    ['value', ''],
  ] as const);
  expect(annotationsColumn(all).split('\x1f')).toEqual(['ua', 'a "b" \\ c', 'value', '']);
});

test('a row of a store gives them back in their order, and none of another name', () => {
  fc.assert(
    fc.property(annotations, (all) => {
      expect([...annotationsOfRow.parse(JSON.parse(JSON.stringify(Object.fromEntries(all))))]).toEqual([...all]);
    }),
  );
  expect(annotationsOfRow.safeParse({ colour: 'red' }).success).toBe(false);
});
