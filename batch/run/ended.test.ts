import { expect, test } from 'vitest';
import { refuseUnended } from './ended.ts';

const noon = { of: 'the broker', ms: Date.parse('2021-01-10T12:00:00Z') };

test.each([
  ['2021-01-10', '2021-01-10 has not ended yet by the clock of the broker'],
  ['2021-02-01', '2021-02-01 has not ended yet'],
  ['1999-12-31', '1999-12-31 is before 2000-01-01'],
])('%s is refused', (day, message) => expect(() => refuseUnended(day, noon)).toThrow(message));

test.each(['2021-01-09', '2000-01-01'])('%s has ended', (day) => expect(() => refuseUnended(day, noon)).not.toThrow());
