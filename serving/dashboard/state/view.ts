import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { ProblemError } from '../api/client.ts';
import { statusQuestion } from '../api/questions.ts';
import { type Scope, scopeOf } from '../rules/scope.ts';
import { DEFAULT_VIEW, type View } from '../rules/view.ts';
import { startOf } from '../rules/zone.ts';
import { ownZone } from './zone.ts';

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
