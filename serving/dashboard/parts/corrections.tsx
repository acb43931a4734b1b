import { useState } from 'react';
import { type Asked, requestRollback, requestRuns } from '../api/actions.ts';
import type { DayRuns } from '../rules/finality.ts';
import type { Event } from '../rules/view.ts';
import { DAY_MS } from '../rules/zone.ts';
import { BecauseFields, useAsking, useBecause } from './because.tsx';
import { Panel } from './panel.tsx';
import { Problem } from './problem.tsx';
import { RequestProgress } from './request_progress.tsx';

/** The last request for a kind and day, which is still told of when the tab is loaded again. */
const LAST = 'clickledger-request-';

/** Looks at, makes, accepts and takes back runs of a day; the API lets admins only. */
export function Corrections({
  event,
  date,
  day,
  zone,
}: {
  event: Event;
  date: string;
  day: DayRuns | null;
  zone: string;
}) {
  const { because, set, isComplete } = useBecause();
  const to = new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10);
  const days = { event, from: date, to };
  const last = `${LAST}${event}-${date}`;
  const [request, setRequest] = useState(() => sessionStorage.getItem(last));
  const asking = useAsking(({ request }) => {
    sessionStorage.setItem(last, request);
    setRequest(request);
  });
  const isBlocked = day?.state === 'blocked';
  const button = (words: string, ask: (key: string) => Promise<Asked>, isOff = false, isPrimary = false) => (
    <button
      type="button"
      className={`button ${isPrimary ? 'primary' : ''}`}
      disabled={!isComplete || asking.isPending || isOff}
      onClick={() => asking.ask(ask)}
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
        {button('Preview a recount', (key) => requestRuns(key, days, because, { preview: true }))}
        {button('Count again', (key) => requestRuns(key, days, because), false, true)}
        {button('Accept the blocked run', (key) => requestRuns(key, days, because, { accept: true }), !isBlocked)}
        <RollbackButton day={day}>
          {(run) =>
            button('Roll back', (key) => requestRollback(key, { event, date, run: run ?? 0 }, because), run === null)
          }
        </RollbackButton>
      </div>
      <p className="note">
        A preview is a run that is counted and reconciled like any other, and not published: it takes as long.
      </p>
      {asking.error !== null && <Problem error={asking.error} />}
      {request !== null && <RequestProgress key={request} request={request} zone={zone} />}
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
