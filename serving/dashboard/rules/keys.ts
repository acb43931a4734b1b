import type { View } from './view.ts';

/** What a key changes of the view. */
const CHANGES = new Map(
  Object.entries<(view: View) => Partial<View>>({
    h: () => ({ period: 'hour', unit: '' }),
    d: () => ({ period: 'today', unit: '' }),
    w: () => ({ period: '7d', unit: '' }),
    m: () => ({ period: 'month', unit: '' }),
    y: () => ({ period: 'year', unit: '' }),
    x: ({ compare }) => ({ compare: compare === 'none' ? 'before' : 'none' }),
    c: ({ complete }) => ({ complete: !complete }),
  }),
);

export const KEY_WORDS: [key: string, does: string][] = [
  ['H', 'the last 60 minutes'],
  ['D', 'today'],
  ['W', '7 days'],
  ['M', 'this month'],
  ['Y', 'this year'],
  ['X', 'comparison on and off'],
  ['C', 'complete windows only'],
  ['/', 'search an ad'],
  ['?', 'this help'],
];

export function changeByKey(key: string, view: View): Partial<View> | null {
  return CHANGES.get(key.toLowerCase())?.(view) ?? null;
}
