import type { z } from 'zod';
import { SECOND_MS } from '../../../domain/time.ts';
import { UTC } from '../../../domain/zone.ts';
import { calendarWindowing } from '../../planner/calendar_series.ts';
import type { Range } from '../../planner/ranges.ts';
import {
  MAX_PIECES,
  MAX_POINTS,
  piecesOf,
  regularWindowing,
  type Series,
  seriesPoints,
  type Windowing,
} from '../../planner/series.ts';
import { badParameters } from '../contract/problem.ts';
import type { seriesParameters } from './parameters.ts';
import { readZone } from './zone_parameter.ts';

type Asked = Pick<z.output<typeof seriesParameters>, 'size' | 'hop' | 'tz'>;
type Size = Asked['size'];

interface Read {
  windowing: Windowing;
  /** What the answer says of it. */
  described: { size: number | Extract<Size, object>['name']; hop?: number; tz?: string };
}

/** The windows of a series. Throws a Problem with what is allowed. */
export function readWindowing({ size, hop, tz }: Asked, range: Range): Read {
  if (typeof size === 'object') {
    if (hop !== undefined) {
      throw badParameters([{ parameter: 'hop', expected: `no hop with the size ${size.name}`, got: String(hop) }]);
    }
    const zone = tz === undefined ? UTC : readZone(tz);
    const windowing = calendarWindowing(range, zone, size.unit);
    if (windowing !== null) return { windowing, described: { size: size.name, tz: zone.name } };
    const expected = `a longer one for this range, or a shorter range: there are at most ${MAX_POINTS} points`;
    throw badParameters([{ parameter: 'size', expected, got: size.name }]);
  }
  if (tz !== undefined) {
    const expected = 'it only with the size 1h, 1d, 1w or 1mo: a number of seconds begins at "from"';
    throw badParameters([{ parameter: 'tz', expected, got: tz }]);
  }
  const series = { ...range, sizeMs: size * SECOND_MS, hopMs: (hop ?? size) * SECOND_MS };
  checkSeries(series);
  return { windowing: regularWindowing(series), described: { size, hop: hop ?? size } };
}

/** Throws a Problem with the allowed limits. */
function checkSeries(series: Series): void {
  const { fromMs, toMs, sizeMs, hopMs } = series;
  if (hopMs > sizeMs) throw badParameters([{ parameter: 'hop', expected: `at most the size, ${sizeMs / SECOND_MS}` }]);
  const atLeast = (count: number): number => Math.ceil((toMs - fromMs) / count / SECOND_MS);
  if (seriesPoints(series) > MAX_POINTS) {
    const expected = `at least ${atLeast(MAX_POINTS)} for this range, or a shorter range: there are at most ${MAX_POINTS} points`;
    throw badParameters([{ parameter: 'hop', expected, got: String(hopMs / SECOND_MS) }]);
  }
  if (piecesOf(series) > MAX_PIECES) {
    const expected = `a multiple, like hop, of a number from ${atLeast(MAX_PIECES)} on for this range, or a shorter range`;
    throw badParameters([{ parameter: 'size', expected, got: String(sizeMs / SECOND_MS) }]);
  }
}
