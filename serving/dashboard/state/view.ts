import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { ProblemError } from '../api/client.ts';
import { type Narrowed, statusQuestion } from '../api/questions.ts';
import { askedRange, comparedRange, type PeriodChoice, periodRange, unitFor, unitsFor } from '../rules/periods.ts';
import { DEFAULT_VIEW, type View } from '../rules/view.ts';
import { type Range, startOf, type Unit } from '../rules/zone.ts';

const ZONE = 'clickledger-zone';

/** What a link without a zone is shown in. */
const ownZone = (): string => localStorage.getItem(ZONE) ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
export const rememberZone = (zone: string): void => localStorage.setItem(ZONE, zone);

export function useView(): [View & { zone: string }, (change: Partial<View>) => void] {
  const search = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const view = useMemo(() => ({ ...search, zone: search.zone || ownZone() }), [search]);
  const change = useCallback(
    (changed: Partial<View>) =>
      void navigate({ to: '.', search: (before) => ({ ...(before as View), ...changed }), resetScroll: false }),
    [navigate],
  );
  return [view, change];
}

/** For links: the view that is shown, with a change. */
export const viewWith =
  (change: Partial<View> = {}) =>
  (before: object): View => ({ ...DEFAULT_VIEW, ...before, ...change });

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

/**
 * Null until the API has said up to when it has counted. While it cannot say, because an engine is away, this machine's
 * clock stands in: counts of days that are over can still be told.
 */
export function useScope(): Scope | null {
  const [view] = useView();
  const { data: status, error } = useQuery(statusQuestion());
  const counted = status?.boundary ?? status?.watermark;
  const nowMs = counted != null ? Date.parse(counted) : isAway(error) ? startOf(Date.now(), '1m', 'UTC') : null;
  return useMemo(() => (nowMs === null ? null : scopeOf(view, nowMs)), [view, nowMs]);
}

const isAway = (error: unknown): boolean => error instanceof ProblemError && error.problem.status === 503;

function scopeOf(view: View & { zone: string }, nowMs: number): Scope {
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
