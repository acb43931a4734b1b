import { askedRange, comparedRange, type PeriodChoice, periodRange, unitFor, unitsFor } from './periods.ts';
import type { View } from './view.ts';
import type { Range, Unit } from './zone.ts';

/** What every question about counts may be narrowed by. */
export interface Narrowed {
  country?: string;
  filter?: number;
}

/** The ranges that the page's questions are about. */
export interface Scope {
  zone: string;
  /** The boundary: minutes before it are closed. */
  nowMs: number;
  unit: Unit;
  units: Unit[];
  /** The whole period, which may end in the future. */
  whole: Range;
  asked: Range;
  compared: Range | null;
  narrowed: Narrowed;
}

export function scopeOf(view: View & { zone: string }, nowMs: number): Scope {
  const choice: PeriodChoice = view;
  const whole = periodRange(choice, nowMs);
  const units = unitsFor(whole);
  const unit = view.unit !== '' && units.includes(view.unit) ? view.unit : unitFor(whole);
  const asked = askedRange(choice, unit, nowMs);
  return {
    zone: view.zone,
    nowMs,
    unit,
    units,
    whole,
    asked,
    compared: comparedRange(choice, view.compare, asked, nowMs),
    narrowed: {
      ...(view.country !== '' && { country: view.country }),
      ...(view.filter !== 0 && { filter: view.filter }),
    },
  };
}
