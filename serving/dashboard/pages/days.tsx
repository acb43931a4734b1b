import { useQuery } from '@tanstack/react-query';
import { runsQuestion } from '../api/questions.ts';
import { Calendar } from '../parts/calendar.tsx';
import { DayReport } from '../parts/day_report.tsx';
import { Panel } from '../parts/panel.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { daysOf } from '../rules/finality.ts';
import { useScope, useView } from '../state/view.ts';

/** Days of UTC, as runs count them, and what each run found. */
export function DaysPage() {
  const [{ day }, change] = useView();
  const scope = useScope();
  const question = useQuery(runsQuestion());
  const days = daysOf(question.data?.runs ?? []);
  if (scope === null) return <Waiting />;
  const today = new Date(scope.nowMs).toISOString().slice(0, 10);
  const newest = [...days.keys()].sort().at(-1);
  const shown = day || newest || today;
  return (
    <>
      <h1 className="sr">Days</h1>
      <p className="note">Runs count UTC days. What a day shows here is what its runs have recorded.</p>
      <div className="columns days-columns">
        <Panel title="Days" question={question}>
          <Calendar days={days} shown={shown} today={today} onChoose={(chosen) => change({ day: chosen })} />
        </Panel>
        <DayReport date={shown} day={days.get(shown) ?? null} today={today} zone={scope.zone} />
      </div>
    </>
  );
}
