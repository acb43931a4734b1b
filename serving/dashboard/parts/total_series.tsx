import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { BY } from '../api/early.ts';
import { runsQuestion, totalSeriesQuestion } from '../api/questions.ts';
import { daysOf, restatedDays, statusOf } from '../rules/finality.ts';
import type { Scope } from '../rules/scope.ts';
import { type Counted, pointsOf } from '../rules/series.ts';
import { type Range, startOf, type Unit, windowsOf } from '../rules/zone.ts';
import { useView } from '../state/view.ts';
import { TOLD } from './cards.tsx';
import { Chart } from './chart.tsx';
import { COMPARISON_WORDS, UNIT_WORDS } from './controls.tsx';
import { Legend } from './mark.tsx';
import { Panel } from './panel.tsx';

const UNITS: Record<(typeof BY)[Unit], Unit> = { minute: '1m', hour: '1h', day: '1d', week: '1w', month: '1mo' };
export const REPORTED: readonly Unit[] = Object.values(UNITS);

/** The chosen number of all ads over the period. */
export function TotalSeries({ scope }: { scope: Scope }) {
  const [{ metric, compare }] = useView();
  const { asked, compared, whole, narrowed, zone, nowMs } = scope;
  const by = BY[scope.unit];
  const unit = UNITS[by];
  const question = useQuery(totalSeriesQuestion(asked, narrowed, scope));
  const before = useQuery({
    ...totalSeriesQuestion(compared ?? asked, narrowed, scope),
    enabled: compared !== null && compared.toMs > compared.fromMs,
  });
  const { title, events, isShare } = TOLD[metric];
  const [event] = events;
  // A kind that is not run has neither a receipt nor runs.
  const { data: runs } = useQuery({ ...runsQuestion(event), enabled: question.data?.receipts[event] !== undefined });
  const points = useMemo(() => {
    if (question.data === undefined) return [];
    const receipt = question.data.receipts[event];
    const restated = restatedDays(daysOf(runs?.runs ?? []));
    const statusIn = (window: Range) =>
      receipt === undefined ? ('not_run' as const) : statusOf(window, receipt.batch.runs, restated);
    const counted = question.data.rows.flatMap((row): Counted[] => {
      const from = row[by];
      if (from === undefined) return [];
      const window = windowsOf({ fromMs: Date.parse(from), toMs: Date.parse(from) + 1 }, unit, zone)[0];
      return window ? [{ from, value: row[metric] ?? null, status: statusIn(window) }] : [];
    });
    // A report leaves out windows without any event.
    const absent = (window: Range) => ({ value: isShare ? null : 0, status: statusIn(window) });
    const rows = compared === null ? [] : (before.data?.rows ?? []);
    const earlier = new Map(rows.map((row) => [startOf(Date.parse(row[by] ?? ''), unit, zone), row[metric] ?? null]));
    const values =
      compared === null || before.data === undefined
        ? []
        : windowsOf(compared, unit, zone).map(({ fromMs }) => earlier.get(fromMs) ?? (isShare ? null : 0));
    return pointsOf({ range: asked, unit, zone }, counted, absent, values);
  }, [question.data, before.data, runs, asked, compared, by, unit, zone, metric, event, isShare]);
  return (
    <Panel
      title={`${title} by ${UNIT_WORDS[unit]}`}
      question={question}
      aside={<Legend compare={compared === null ? null : 'before'} />}
      className="wide"
    >
      <Chart
        noun={isShare ? title : title.toLowerCase()}
        isShare={isShare}
        points={points}
        range={whole}
        nowMs={nowMs}
        unit={unit}
        zone={zone}
        against={COMPARISON_WORDS[compare]}
      />
    </Panel>
  );
}
