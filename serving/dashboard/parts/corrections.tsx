import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { requestRollback, requestRuns } from '../api/actions.ts';
import type { DayRuns } from '../rules/finality.ts';
import { DAY_MS } from '../rules/zone.ts';
import { BecauseFields, useBecause } from './because.tsx';
import { Panel } from './panel.tsx';
import { Problem } from './problem.tsx';
import { RequestProgress } from './request_progress.tsx';

/** Looks at, makes, accepts and takes back runs of a day; the API lets admins only. */
export function Corrections({ date, day, zone }: { date: string; day: DayRuns | null; zone: string }) {
  const { because, set, isComplete } = useBecause();
  const to = new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10);
  const days = { from: date, to };
  const asked = useMutation({ mutationFn: (ask: () => ReturnType<typeof requestRuns>) => ask() });
  const isBlocked = day?.state === 'blocked';
  const button = (words: string, ask: () => ReturnType<typeof requestRuns>, isOff = false, isPrimary = false) => (
    <button
      type="button"
      className={`button ${isPrimary ? 'primary' : ''}`}
      disabled={!isComplete || asked.isPending || isOff}
      onClick={() => asked.mutate(ask)}
    >
      {words}
    </button>
  );
  return (
    <Panel title="Correct this day">
      <div className="request">
        <BecauseFields set={set} />
      </div>
      <div className="request">
        {button('Preview a recount', () => requestRuns(days, because, { preview: true }))}
        {button('Count again', () => requestRuns(days, because), false, true)}
        {button('Accept the blocked run', () => requestRuns(days, because, { accept: true }), !isBlocked)}
        <RollbackButton day={day}>
          {(run) => button('Roll back', () => requestRollback({ date, run: run ?? 0 }, because), run === null)}
        </RollbackButton>
      </div>
      <p className="note">
        A preview is a run that is counted and reconciled like any other, and not published: it takes as long.
      </p>
      {asked.error !== null && <Problem error={asked.error} />}
      {asked.data && <RequestProgress key={asked.data.request} request={asked.data.request} zone={zone} />}
    </Panel>
  );
}

/** Which run is taken back, or returned to. */
function RollbackButton({ day, children }: { day: DayRuns | null; children: (run: number | null) => React.ReactNode }) {
  const current = day?.run?.run ?? null;
  const [chosen, choose] = useState<number | null>(null);
  const older = (day?.runs ?? []).filter(({ run, published_at }) => published_at !== null && run < (current ?? 0));
  const run = older.some((one) => one.run === chosen) ? chosen : current;
  if (current === null) return children(null);
  return (
    <span className="pair">
      <select aria-label="Roll back" value={run ?? ''} onChange={({ target }) => choose(Number(target.value))}>
        <option value={current}>take run {current} back</option>
        {older.map((one) => (
          <option key={one.run} value={one.run}>
            return to run {one.run}
          </option>
        ))}
      </select>
      {children(run)}
    </span>
  );
}
