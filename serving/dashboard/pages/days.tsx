import { useQuery } from '@tanstack/react-query';
import { runsQuestion, statusQuestion } from '../api/questions.ts';
import { Calendar } from '../parts/calendar.tsx';
import { DayReport } from '../parts/day_report.tsx';
import { KindChoice } from '../parts/kind_choice.tsx';
import { Panel } from '../parts/panel.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { daysOf } from '../rules/finality.ts';
import type { Scope } from '../rules/scope.ts';
import { EVENTS, type Event, PLURAL } from '../rules/view.ts';
import { useScope, useView } from '../state/view.ts';

/** Days of UTC, as runs count them, and what each run of a kind of event found. */
export function DaysPage() {
  const [{ event }] = useView();
  const scope = useScope();
  const { data: status } = useQuery(statusQuestion());
  if (scope === null) return <Waiting />;
  // An API that does not say it now is asked for any.
  const isRun = (kind: Event): boolean => status?.event_kinds.includes(kind) ?? true;
  const notRun = EVENTS.filter((kind) => !isRun(kind)).map((kind) => PLURAL[kind]);
  return (
    <>
      <h1 className="sr">Days</h1>
      <div className="controls">
        <KindChoice isRun={isRun} />
      </div>
      <p className="note">
        Runs count UTC days, each kind of event for itself. What a day shows here is what its runs have recorded.
        {notRun.length > 0 && ` Not run (EVENT_KINDS): ${notRun.join(', ')}.`}
      </p>
      {isRun(event) && <DaysOfKind event={event} scope={scope} />}
    </>
  );
}

function DaysOfKind({ event, scope }: { event: Event; scope: Scope }) {
  const [{ day }, change] = useView();
  const question = useQuery(runsQuestion(event));
  const days = daysOf(question.data?.runs ?? []);
  const today = new Date(scope.nowMs).toISOString().slice(0, 10);
  const newest = [...days.keys()].sort().at(-1);
  const shown = day || newest || today;
  const toDay = (chosen: string) => change({ day: chosen });
  return (
    <div className="columns days-columns">
      <Panel title="Days" question={question}>
        <Calendar days={days} noun={PLURAL[event]} shown={shown} today={today} onChoose={toDay} />
      </Panel>
      <DayReport event={event} date={shown} day={days.get(shown) ?? null} today={today} zone={scope.zone} />
    </div>
  );
}
